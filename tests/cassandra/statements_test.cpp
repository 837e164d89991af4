// What the server prepares for a store.

#include <thread>
#include <vector>

#include "bytestore/detail/cassandra_access.hpp"
#include "cassandra_test.hpp"

namespace bytestore {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::text;
using ::testing::UnorderedElementsAre;

class StatementsTest : public CassandraTest {
 protected:
  /// The statements on the table that the server has prepared.
  [[nodiscard]] std::vector<std::string> prepared() const {
    const auto rows = ask("SELECT query_string FROM system.prepared_statements");
    std::vector<std::string> found;
    for (std::size_t row = 0; row != rows.size(); ++row) {
      const auto query = rows.text(row, 0);
      if (query.find(table) != std::string_view::npos) found.emplace_back(query);
    }
    return found;
  }
};

TEST_F(StatementsTest, AreShownAsTheyArePrepared) {
  auto made = store();
  EXPECT_THAT(prepared(), IsEmpty()) << "none is prepared before it is needed";
  const auto quoted = "\"bytestore_test\".\"" + table + '"';

  const auto select = detail::CassandraAccess::select_cql(made);
  EXPECT_EQ(select, "SELECT body_blob FROM " + quoted + " WHERE row_id = ?");
  EXPECT_THAT(prepared(), ElementsAre(select));

  const auto insert = detail::CassandraAccess::insert_cql(made);
  EXPECT_EQ(insert, "INSERT INTO " + quoted + " (row_id, body_blob) VALUES (?, ?)");
  const auto erase = detail::CassandraAccess::delete_cql(made);
  EXPECT_EQ(erase, "DELETE FROM " + quoted + " WHERE row_id = ?");
  EXPECT_THAT(prepared(), UnorderedElementsAre(select, insert, erase));
}

TEST_F(StatementsTest, MayBeAskedForByManyThreadsAtOnce) {
  auto made = store();
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int i = 0; i != 16; ++i) {
    threads.emplace_back([&, i] {
      const auto key = std::to_string(i);
      EXPECT_THAT(detail::CassandraAccess::insert_cql(made), HasSubstr("INSERT"));
      made.mset({{key, text(key)}});
      EXPECT_THAT(detail::CassandraAccess::select_cql(made), HasSubstr("SELECT"));
      EXPECT_EQ(made.mget({key})[0], text(key));
      EXPECT_THAT(detail::CassandraAccess::delete_cql(made), HasSubstr("DELETE"));
      made.mdelete({key});
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(prepared(), SizeIs(3));
}

TEST_F(StatementsTest, AreUsedAgainAfterTheServerForgotThem) {
  auto made = store();
  const auto use = [&] {
    made.mset({{"a", text("1")}, {"b", text("2")}});
    EXPECT_THAT(made.mget({"a", "b"}), ElementsAre(text("1"), text("2")));
    EXPECT_THAT(testing::walk(made.yield_keys()), UnorderedElementsAre("a", "b"));
    made.mdelete({"a", "c"});
  };
  use();
  EXPECT_THAT(prepared(), SizeIs(6)) << "insert, list, and select and delete for one and several";
  ask("DROP TABLE " + qualified_table());
  EXPECT_THAT(prepared(), IsEmpty());
  EXPECT_EQ(testing::batch_error_of([&] { made.mget({"a"}); }).failures().at(0).code,
            ErrorCode::schema);
  store();  // creates it
  use();
  EXPECT_THAT(prepared(), SizeIs(4)) << "those that are used";
}

TEST_F(StatementsTest, ASchemaChangeAmongCallsGoesUnnoticed) {
  auto made = store();
  made.mset({{"key", text("value")}});
  for (const auto* const change : {" ADD note TEXT", " DROP note", " WITH comment = 'changed'"}) {
    ask("ALTER TABLE " + qualified_table() + change);
    EXPECT_EQ(made.mget({"key"})[0], text("value")) << change;
    made.mset({{"key", text("value")}});
    EXPECT_THAT(testing::walk(made.yield_keys()), ElementsAre("key"));
  }
}

}  // namespace
}  // namespace bytestore
