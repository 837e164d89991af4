/// Random sequences of operations do to a store what they do to a map.

#include <rapidcheck.h>

#include <map>
#include <ostream>

#include "contract_test.hpp"

namespace bytestore::contract {
namespace {

using namespace std::string_literals;

using Model = std::map<std::string, std::string>;

struct Operation {
  enum class Verb { mset, mget, mdelete, yield_keys, reopen };
  Verb verb{};
  std::vector<std::string> keys;
  std::vector<std::string> values;  // of mset, one for each key
  std::string prefix;               // of yield_keys
};

std::ostream& operator<<(std::ostream& out, const Operation& operation) {
  static const std::vector<std::string> names{"mset", "mget", "mdelete", "yield_keys", "reopen"};
  out << names[static_cast<std::size_t>(operation.verb)] << " keys ";
  rc::show(operation.keys, out);
  out << " values ";
  rc::show(operation.values, out);
  out << " prefix ";
  rc::show(operation.prefix, out);
  return out;
}

/// Keys that often meet: few, with shared beginnings, NUL and characters of several bytes.
rc::Gen<std::string> letters() {
  return rc::gen::element("a"s, "b"s, "\0"s, "\xC3\xA9"s, "e\xCC\x81"s, "\xF0\x9F\x98\x80"s);
}

rc::Gen<std::string> join(rc::Gen<std::vector<std::string>> parts) {
  return rc::gen::map(std::move(parts), [](const std::vector<std::string>& all) {
    std::string joined;
    for (const auto& part : all) joined += part;
    return joined;
  });
}

rc::Gen<std::string> keys() {
  return join(rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, 4), [](std::size_t length) {
    return rc::gen::container<std::vector<std::string>>(length, letters());
  }));
}

/// Beginnings of keys, also in the middle of a character, or of none.
rc::Gen<std::string> prefixes() {
  return rc::gen::map(rc::gen::pair(keys(), rc::gen::inRange<std::size_t>(0, 4)),
                      [](const std::pair<std::string, std::size_t>& cut) {
                        return cut.first.substr(0, cut.second);
                      });
}

rc::Gen<std::string> values() {
  const auto magic = "\xB5ytestore\x00\xE2\x9C\x89\x0D\x0A\x1A"s;
  return rc::gen::oneOf(rc::gen::just(""s), rc::gen::arbitrary<std::string>(),
                        rc::gen::map(rc::gen::arbitrary<std::string>(),
                                     [magic](const std::string& tail) { return magic + tail; }),
                        rc::gen::just(magic + "\x01\x00\xB2\x17\xB5\x3C"s));
}

rc::Gen<Operation> operations() {
  return rc::gen::mapcat(
      rc::gen::weightedElement<Operation::Verb>({{6, Operation::Verb::mset},
                                                 {4, Operation::Verb::mget},
                                                 {3, Operation::Verb::mdelete},
                                                 {3, Operation::Verb::yield_keys},
                                                 {1, Operation::Verb::reopen}}),
      [](Operation::Verb verb) {
        return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 9), [verb](std::size_t count) {
          return rc::gen::build<Operation>(
              rc::gen::set(&Operation::verb, rc::gen::just(verb)),
              rc::gen::set(&Operation::keys,
                           rc::gen::container<std::vector<std::string>>(count, keys())),
              rc::gen::set(&Operation::values,
                           rc::gen::container<std::vector<std::string>>(count, values())),
              rc::gen::set(&Operation::prefix, prefixes()));
        });
      });
}

class Properties : public ContractTest {
 protected:
  void empty_store() { store().mdelete(walk(store().yield_keys())); }

  void mset(const Operation& operation, Model& model) {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < operation.keys.size(); ++i) {
      entries.push_back({operation.keys[i], text(operation.values[i])});
      model[operation.keys[i]] = operation.values[i];
    }
    store().mset(entries);
  }

  void mget(const std::vector<std::string>& keys, const Model& model) {
    ByteStore::Values expected;
    for (const auto& key : keys) {
      const auto found = model.find(key);
      expected.push_back(found == model.end() ? std::nullopt : std::optional(text(found->second)));
    }
    RC_ASSERT((store().mget(keys) == expected));
  }

  void mdelete(const std::vector<std::string>& keys, Model& model) {
    for (const auto& key : keys) model.erase(key);
    store().mdelete(keys);
  }

  void yield_keys(const std::string& prefix, const Model& model) {
    std::vector<std::string> expected;
    for (const auto& [key, value] : model) {
      if (key.starts_with(prefix)) expected.push_back(key);
    }
    RC_ASSERT(sorted_keys({.prefix = prefix}) == expected);
  }

  void reopen_store(Model& model) {
    reopen();
    if (GetParam().exceptions.forgets_when_closed) model.clear();
  }

  void apply(const Operation& operation, Model& model) {
    switch (operation.verb) {
      case Operation::Verb::mset:
        return mset(operation, model);
      case Operation::Verb::mget:
        return mget(operation.keys, model);
      case Operation::Verb::mdelete:
        return mdelete(operation.keys, model);
      case Operation::Verb::yield_keys:
        return yield_keys(operation.prefix, model);
      case Operation::Verb::reopen:
        return reopen_store(model);
    }
  }
};

TEST_P(Properties, AStoreBehavesLikeAMap) {
  const bool holds = rc::check("a store behaves like a map", [this] {
    const auto count = *rc::gen::inRange<std::size_t>(1, 25);
    const auto sequence = *rc::gen::container<std::vector<Operation>>(count, operations());
    empty_store();
    Model model;
    for (const auto& operation : sequence) apply(operation, model);
    std::vector<std::string> all;
    for (const auto& [key, value] : model) all.push_back(key);
    mget(all, model);
    yield_keys("", model);
  });
  EXPECT_TRUE(holds);
}

INSTANTIATE_TEST_SUITE_P(Backends, Properties, ::testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace bytestore::contract
