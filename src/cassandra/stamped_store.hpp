#pragma once

#include <list>
#include <memory>
#include <vector>

#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/types.hpp"

namespace bytestore::cassandra {

class Table;

/// Keeps a store among the open ones of the process while it lives, and knows whether another of
/// them is on the same table and its writes have timestamps of the other kind: then the later of
/// two writes can be lost. Thread safe.
class StampedStore {
 public:
  /// What is compared. Clusters are the same if they have a node in common.
  struct Description {
    TableName name;
    std::vector<NodeId> nodes{};  ///< of the cluster; empty if they are not known
    bool client_timestamps = true;
  };

  explicit StampedStore(Description store);
  ~StampedStore();
  StampedStore(const StampedStore&) = delete;
  StampedStore& operator=(const StampedStore&) = delete;

  [[nodiscard]] bool meets_another_kind() const;

 private:
  class OpenStores;

  OpenStores& open_;
  std::list<Description>::iterator place_;
};

/// Puts the store of `table` among the open ones; tells the log of its session if there is one on
/// the same table whose writes have timestamps of the other kind.
[[nodiscard]] std::unique_ptr<StampedStore> stamped_store(const Table& table);

}  // namespace bytestore::cassandra
