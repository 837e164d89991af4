#include "cassandra/policy/request_groups.hpp"

#include <algorithm>

namespace bytestore::cassandra {

void RequestGroups::add(std::size_t position, ReplicaSets::Id set, std::size_t bytes) {
  if (queues_.size() <= set) queues_.resize(set + 1);
  Queue& queue = queues_[set];
  if (queue.keys.empty()) waiting_.push_back(set);
  queue.keys.push_back({.position = position, .bytes = bytes});
  ++keys_;
}

RequestGroups::Group RequestGroups::next(const Limits& limits) {
  if (turn_ >= waiting_.size()) turn_ = 0;
  Group group{.set = waiting_[turn_]};
  Queue& queue = queues_[group.set];
  group.positions.reserve(std::min(limits.keys, queue.keys.size() - queue.begun));
  while (queue.begun < queue.keys.size()) {
    const Key& key = queue.keys[queue.begun];
    if (!group.positions.empty() &&
        (group.positions.size() >= limits.keys || group.bytes + key.bytes > limits.bytes)) {
      break;
    }
    group.positions.push_back(key.position);
    group.bytes += key.bytes;
    ++queue.begun;
  }
  keys_ -= group.positions.size();
  if (queue.begun < queue.keys.size()) {
    ++turn_;
  } else {
    queue = {};
    waiting_[turn_] = waiting_.back();
    waiting_.pop_back();
  }
  return group;
}

std::vector<RequestGroups::Group> parts_of(
    const RequestGroups::Group& whole, std::size_t most,
    const std::function<std::size_t(std::size_t position)>& bytes_of) {
  const std::size_t keys = whole.positions.size();
  const std::size_t count = (keys + most - 1) / most;
  std::vector<RequestGroups::Group> parts(count, {.set = whole.set});
  for (std::size_t i = 0; i < keys; ++i) {
    RequestGroups::Group& part = parts[i * count / keys];
    part.positions.push_back(whole.positions[i]);
    part.bytes += bytes_of(whole.positions[i]);
  }
  return parts;
}

}  // namespace bytestore::cassandra
