#include "core/cancellation.hpp"

#include <utility>

namespace bytestore::cassandra {

void Interruption::arm(const core::Call& call, const std::weak_ptr<Interruptible>& whom) {
  auto tokens = call.stop_tokens();  // the call may be gone once `whom` is told
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].stop_possible()) callbacks_[i].emplace(std::move(tokens[i]), Tell{whom});
  }
}

}  // namespace bytestore::cassandra
