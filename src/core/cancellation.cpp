#include "core/cancellation.hpp"

#include <utility>

namespace bytestore::core {

void Cancellation::arm(const Call& call, const std::weak_ptr<Cancellable>& target) {
  auto tokens = call.stop_tokens();  // the call may be gone once `target` is told
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].stop_possible()) callbacks_[i].emplace(std::move(tokens[i]), Notify{target});
  }
}

}  // namespace bytestore::core
