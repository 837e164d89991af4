#pragma once

namespace bytestore::testing {

/// From now on, as on a disk that is full, this process can write to no file: the write with this
/// number, from 0, takes half of its bytes, and all later ones fail with ENOSPC. Pipes go on.
void fill_disk_at(int write) noexcept;

/// There is space again. Returns whether there was a write with that number.
bool empty_disk() noexcept;

}  // namespace bytestore::testing
