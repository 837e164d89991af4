#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "bytestore/byte_store.hpp"

namespace bytestore::contract {

/// Where the stores of one test keep their data: nobody else's, and empty at first.
class Space {
 public:
  virtual ~Space() = default;

  /// Opens a store on the data of this space, one at a time.
  virtual std::unique_ptr<ByteStore> open() = 0;
};

/// In what a backend departs from the contract, for a reason that its documentation gives. Each
/// test that takes notice says what holds instead.
struct Exceptions {
  /// Data end with the store that holds them: another one, opened on the same space, is empty.
  bool forgets_when_closed = false;

  /// The server refuses values of 16 MiB and more: they fail with `too_large`, for certain.
  bool refuses_huge_values = false;

  /// Keys are counted by the server, later.
  bool estimates_late = false;

  /// Reads and listings do not wait for writes that are under way: they surely see only what was
  /// acknowledged before they were begun.
  bool reads_may_overtake_writes = false;
};

/// One backend as the suite sees it.
struct Backend {
  std::string name;
  std::function<std::unique_ptr<Space>()> make_space;
  Exceptions exceptions{};
};

/// Every backend of this build.
const std::vector<Backend>& backends();

void PrintTo(const Backend& backend, std::ostream* out);

}  // namespace bytestore::contract
