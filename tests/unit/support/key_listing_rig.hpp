#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cassandra/calls/key_listing.hpp"
#include "cassandra/cql/big_endian.hpp"
#include "unit/support/table_rig.hpp"

namespace bytestore::cassandra {

/// A bound of Murmur3's ring.
inline std::int64_t token_at(const FakeRequest& request, std::size_t position) {
  const auto& bound = std::get<std::string>(request.values.at(position));
  return read_integer<std::int64_t>(as_bytes(bound)).value();
}

/// A listing of a table on a fake driver: steps, answers, and walks to the end.
class KeyListingRig : public TableRig {
 protected:
  using Page = std::vector<std::string>;

  void SetUp() override {
    TableRig::SetUp();
    scan = std::make_unique<KeyListing>(table_, "", "");
  }

  /// Asks for a page; its sink is the newest of `sinks`.
  KeepingSink<core::PageResult>& ask(CallOptions options = {}) {
    auto& sink = *sinks.emplace_back(std::make_unique<KeepingSink<core::PageResult>>());
    scan->next_page(call(std::move(options)), sink);
    return sink;
  }

  static Rows rows(const std::vector<std::string>& keys, std::string paging_state = "") {
    std::vector<std::vector<std::optional<std::string>>> cells;
    for (const auto& key : keys) cells.push_back({key});
    return make_rows(cells, std::move(paging_state));
  }

  /// Answers every range with one key, its first token, from now on.
  void answer_by_itself() {
    driver().by_itself = [this](const FakeRequest& request) {
      ++ranges;
      request.answer(rows({std::to_string(token_at(request, 0))}));
    };
  }

  /// Walks to the end, moving the clock where it has to wait; returns how many keys there are.
  std::size_t count() {
    std::size_t keys = 0;
    for (;;) {
      const auto& page = ask();
      while (!page.is_done()) timers_.advance(std::chrono::seconds{1});
      if (page.result().error) throw *page.result().error;
      if (page.result().keys.empty()) return keys;
      keys += page.result().keys.size();
    }
  }

  /// Walks to the end.
  Page walk() {
    Page all;
    for (;;) {
      const auto& page = ask().result();
      if (page.error) throw *page.error;
      if (page.keys.empty()) return all;
      std::ranges::copy(page.keys, std::back_inserter(all));
    }
  }

  std::size_t ranges = 0;
  std::unique_ptr<KeyListing> scan;
  std::vector<std::unique_ptr<KeepingSink<core::PageResult>>> sinks;
};

}  // namespace bytestore::cassandra
