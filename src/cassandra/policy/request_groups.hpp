#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "cassandra/policy/replica_sets.hpp"

namespace bytestore::cassandra {

/// Keys on their way into requests: those with the same replicas together, as many as a request may
/// have. Replica sets take turns, so that all nodes are busy from the beginning.
class RequestGroups {
 public:
  /// What one request may have at most; it has one key however large.
  struct Limits {
    std::size_t keys;
    std::size_t bytes;
  };

  struct Group {
    ReplicaSets::Id set = 0;
    std::size_t bytes = 0;
    std::vector<std::size_t> positions{};
  };

  /// `bytes` is what the key and its value add to a request.
  void add(std::size_t position, ReplicaSets::Id set, std::size_t bytes);

  [[nodiscard]] bool empty() const noexcept { return keys_ == 0; }

  /// The next group; the plan must not be empty.
  Group next(const Limits& limits);

 private:
  struct Key {
    std::size_t position;
    std::size_t bytes;
  };

  struct Queue {
    std::size_t begun = 0;  // keys that were taken
    std::vector<Key> keys{};
  };

  std::vector<Queue> queues_;             // by replica set
  std::vector<ReplicaSets::Id> waiting_;  // sets with keys
  std::size_t turn_ = 0;                  // among these
  std::size_t keys_ = 0;
};

/// The keys of `whole` in parts of `most` at most (at least 1), no more parts than that takes, and
/// about equal. `bytes_of(position)` is what a key adds to a request.
std::vector<RequestGroups::Group> parts_of(
    const RequestGroups::Group& whole, std::size_t most,
    const std::function<std::size_t(std::size_t position)>& bytes_of);

}  // namespace bytestore::cassandra
