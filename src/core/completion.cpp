#include "core/post_completion.hpp"

namespace bytestore::detail {

template class Completion<std::vector<std::optional<Bytes>>>;
template class Completion<>;
template class Completion<std::optional<std::string>>;
template class Completion<std::vector<std::string>>;
template class Completion<std::uint64_t>;

}  // namespace bytestore::detail
