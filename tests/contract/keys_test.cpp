/// Which keys are accepted, that none is changed, and how the others are refused.

#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using namespace std::string_literals;

constexpr std::size_t kMaxKeyBytes = 65'535;

/// Keys that are valid and that a careless store would mix up, cut off or refuse.
std::vector<std::string> odd_keys() {
  return {
      "\0"s,
      "\0\0"s,
      "a"s,
      "a\0"s,
      "a\0b"s,
      "\x01"s,
      "\x7F"s,
      " "s,
      "a "s,
      "\n"s,
      "%"s,
      "'; DROP TABLE t; --"s,
      "../../etc"s,
      "A"s,
      "\xC3\xA9"s,                                      // e with acute, composed (NFC)
      "e\xCC\x81"s,                                     // the same, decomposed (NFD)
      "\xC3\x89"s,                                      // its capital
      "\xE2\x84\xAB"s,                                  // the Angstrom sign
      "\xC3\x85"s,                                      // what NFC makes of it
      "\xF0\x9F\x98\x80"s,                              // an emoji
      "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"s,  // an emoji of three code points
      "\xEF\xBB\xBF"s,                                  // a byte order mark
      "\xEF\xBF\xBE"s,                                  // U+FFFE: not a character, but valid UTF-8
      "\xEF\xBF\xBF"s,                                  // U+FFFF
      "\xED\x9F\xBF"s,                                  // U+D7FF, the last before the surrogates
      "\xEE\x80\x80"s,                                  // U+E000, the first after them
      "\xF4\x8F\xBF\xBF"s,                              // U+10FFFF, the last code point
      std::string(kMaxKeyBytes, 'k'),
      std::string(kMaxKeyBytes - 1, 'k'),
      std::string(kMaxKeyBytes - 1, 'k') + "\0"s,
      std::string(kMaxKeyBytes - 2, 'k') + "\xC3\xA9"s,
  };
}

struct Refused {
  std::string name;
  std::string key;
};

std::vector<Refused> refused_keys() {
  return {
      {"empty", ""s},
      {"65,536 bytes", std::string(kMaxKeyBytes + 1, 'k')},
      {"over the limit by one character of two bytes",
       std::string(kMaxKeyBytes - 1, 'k') + "\xC3\xA9"s},
      {"a continuation byte alone", "a\x80"s},
      {"a sequence cut off", "\xE2\x82"s},
      {"a sequence cut off by a letter", "\xC3(x"s},
      {"an overlong NUL", "\xC0\x80"s},
      {"an overlong slash", "\xE0\x80\xAF"s},
      {"a surrogate", "\xED\xA0\x80"s},
      {"a pair of surrogates", "\xED\xA0\xBD\xED\xB8\x80"s},
      {"beyond U+10FFFF", "\xF4\x90\x80\x80"s},
      {"five bytes", "\xF8\x88\x80\x80\x80"s},
      {"0xFE", "\xFE"s},
      {"0xFF", "\xFF"s},
      {"a name of the RocksDB backend's own",
       "\xFF"
       "bytestore.format"s},
  };
}

class Keys : public ContractTest {
 protected:
  /// Whether `error` refuses position 1 of 3.
  static void expect_refused(const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(dynamic_cast<const BatchError*>(&error), nullptr);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("key 1 of 3"));
  }
};

TEST_P(Keys, OddOnesAreKeptApartAndUnchanged) {
  auto keys = odd_keys();
  std::vector<Entry> entries;
  ByteStore::Values expected;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    expected.emplace_back(text(std::to_string(i)));
    entries.push_back({keys[i], *expected.back()});
  }
  store().mset(entries);
  EXPECT_EQ(store().mget(keys), expected);
  std::ranges::sort(keys);
  EXPECT_EQ(sorted_keys(), keys);
}

TEST_P(Keys, OddOnesAreDeletedOneByOne) {
  const auto keys = odd_keys();
  store().mset(entries_of(keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    store().mdelete({keys[i]});
    const auto values = store().mget(keys);
    for (std::size_t j = 0; j < keys.size(); ++j) ASSERT_EQ(values[j].has_value(), j > i);
  }
}

TEST_P(Keys, InvalidOnesAreRefusedWithTheirPositionAndNothingIsDone) {
  store().mset({{"first", text("before")}});
  for (const auto& [name, key] : refused_keys()) {
    SCOPED_TRACE(name);
    expect_refused(error_of(
        [&] { store().mset({{"first", text("1")}, {key, text("2")}, {"last", text("3")}}); }));
    expect_refused(error_of([&] { store().mget({"first", key, "last"}); }));
    expect_refused(error_of([&] { store().mdelete({"first", key, "last"}); }));
  }
  EXPECT_EQ(store().mget({"first", "last"}), (ByteStore::Values{text("before"), std::nullopt}));
  EXPECT_EQ(sorted_keys(), std::vector<std::string>{"first"});
}

TEST_P(Keys, TheFirstInvalidOneIsNamedAndTheProblemIsSaid) {
  const auto error = error_of([&] { store().mget({"a", "b", "\xFF", ""}); });
  EXPECT_THAT(error.what(), ::testing::HasSubstr("key 2 of 4"));
  EXPECT_THAT(error.what(), ::testing::HasSubstr("UTF-8"));
  EXPECT_THAT(error_of([&] { store().mget({""}); }).what(), ::testing::HasSubstr("empty"));
  EXPECT_THAT(error_of([&] { store().mget({std::string(kMaxKeyBytes + 1, 'k')}); }).what(),
              ::testing::HasSubstr("65535"));
}

INSTANTIATE_TEST_SUITE_P(Backends, Keys, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
