#include "cassandra/policy/duplicate_keys.hpp"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

namespace bytestore::cassandra {

void UniqueKeys::find_twins(const std::vector<std::string_view>& keys, Keep keep) {
  boost::unordered_flat_map<std::string_view, std::size_t> stands_for;
  stands_for.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto [known, is_new] = stands_for.try_emplace(keys[i], i);
    if (!is_new && keep == Keep::last) known->second = i;
  }
  if (stands_for.size() == keys.size()) return;
  positions_.reserve(stands_for.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t position = stands_for.find(keys[i])->second;
    if (position == i) {
      positions_.push_back(i);
    } else {
      twins_.emplace_back(position, i);
    }
  }
  std::ranges::sort(twins_);
}

}  // namespace bytestore::cassandra
