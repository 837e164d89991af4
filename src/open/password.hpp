#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bytestore::open_uri {

/// Returns where in a host the colon is that neither a port follows nor is part of an IPv6 address.
/// What follows may be a password whose `@` is missing.
std::optional<std::size_t> colon_without_port(std::string_view host) noexcept;

/// Returns where in a text that stands for a store URI, valid or not, a password may be: the
/// position of its first byte, and how many there are. Rather too much than too little: everything
/// from the first colon after `cassandra://` (of the text, if that does not begin it) to the last
/// `@`. Without an `@`, everything after a colon that should be followed by a port. The path of
/// `rocksdb:PATH` and `lmdb:PATH` is none, if it has no `//`.
std::optional<std::pair<std::size_t, std::size_t>> password_place(std::string_view text);

/// Returns the text with `***` in this place.
std::string without_password(std::string_view text);

}  // namespace bytestore::open_uri
