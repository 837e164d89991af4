#include "cassandra/stamped_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <string_view>
#include <utility>

#include "cassandra/table/table.hpp"
#include "core/per_process.hpp"

namespace bytestore::cassandra {

class StampedStore::OpenStores {
 public:
  using Place = std::list<Description>::iterator;

  Place add(Description store) {
    const std::lock_guard lock(mutex_);
    return stores_.insert(stores_.end(), std::move(store));
  }

  void remove(Place place) {
    const std::lock_guard lock(mutex_);
    stores_.erase(place);
  }

  [[nodiscard]] bool has_another_kind_than(const Description& store) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(stores_, [&](const Description& other) {
      return other.client_timestamps != store.client_timestamps && are_one_table(other, store);
    });
  }

  static OpenStores& of_process() { return the_stores.get(); }

 private:
  static bool are_one_table(const Description& one, const Description& other) {
    return one.name.table == other.name.table && one.name.keyspace == other.name.keyspace &&
           std::ranges::find_first_of(one.nodes, other.nodes) != one.nodes.end();
  }

  static constinit core::PerProcess<OpenStores> the_stores;

  std::mutex mutex_;
  std::list<Description> stores_;
};

constinit core::PerProcess<StampedStore::OpenStores> StampedStore::OpenStores::the_stores;

StampedStore::StampedStore(Description store)
    : open_(OpenStores::of_process()), place_(open_.add(std::move(store))) {}

StampedStore::~StampedStore() { open_.remove(place_); }

bool StampedStore::meets_another_kind() const { return open_.has_another_kind_than(*place_); }

std::unique_ptr<StampedStore> stamped_store(const Table& table) {
  StampedStore::Description description{.name = table.name(),
                                        .client_timestamps = table.settings().client_timestamps};
  for (const Node& node : table.topology()->nodes()) description.nodes.push_back(node.id);
  auto store = std::make_unique<StampedStore>(std::move(description));
  const SharedSession& session = *table.access().session;
  if (store->meets_another_kind()) {
    session.log().report(Event::timestamps, session.timers().now(), [&] {
      const auto kind = [&](bool other) -> std::string_view {
        return table.settings().client_timestamps == other ? "server" : "client";
      };
      return fmt::format(
          "a store of {} was opened with timestamps={}, and another one of this process has "
          "timestamps={}: of two writes of a key within a millisecond, the later one can be lost; "
          "open all stores of a table with the same timestamps",
          table.name().cql(), kind(false), kind(true));
    });
  }
  return store;
}

}  // namespace bytestore::cassandra
