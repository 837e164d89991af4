#include "exhaustion/injected_failure.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

namespace bytestore::testing {
namespace {

std::atomic<int> memory_left{-1};  // requests before the one that is refused; below 0: none is
std::atomic<int> threads_left{-1};
std::atomic<bool> has_refused{false};

enum class Owner { program, helper, rocksdb, other };

/// Of code: this program; a library that works for whoever calls it; RocksDB; or anything else.
struct Search {
  std::uintptr_t address;
  Owner owner = Owner::other;
};

int look_at(dl_phdr_info* info, std::size_t /*size*/, void* data) {
  auto& search = *static_cast<Search*>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || search.address < begin ||
        search.address >= begin + part.p_memsz) {
      continue;
    }
    const std::string_view name(info->dlpi_name);
    if (name.empty()) search.owner = Owner::program;
    if (name.find("libstdc++") != std::string_view::npos ||
        name.find("libfmt") != std::string_view::npos) {
      search.owner = Owner::helper;
    }
    if (name.find("librocksdb") != std::string_view::npos) search.owner = Owner::rocksdb;
    return 1;
  }
  return 0;
}

Owner owner_of(const void* code) noexcept {
  Search search{.address = reinterpret_cast<std::uintptr_t>(code)};
  ::dl_iterate_phdr(look_at, &search);
  return search.owner;
}

/// Whether this program asks, directly or by one of the helpers, and not for RocksDB, which uses
/// what this program has of the standard library's templates. The first two frames are here.
[[gnu::noinline]] bool is_asked_by_program() noexcept {
  std::array<void*, 24> frames{};
  const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  bool is_asked = false;
  bool is_known = false;
  for (int i = 2; i < count; ++i) {
    const Owner owner = owner_of(frames.at(static_cast<std::size_t>(i)));
    if (owner == Owner::rocksdb) return false;
    if (is_known || owner == Owner::helper) continue;
    is_known = true;
    is_asked = owner == Owner::program;
  }
  return is_asked;
}

bool takes_turn(std::atomic<int>& left) noexcept {
  if (left.fetch_sub(1) != 0) return false;
  has_refused = true;
  return true;
}

}  // namespace

void refuse(Resource resource, int number) noexcept {
  std::array<void*, 1> frames{};
  static_cast<void>(::backtrace(frames.data(), 1));  // the first one loads what it needs
  has_refused = false;
  (resource == Resource::memory ? memory_left : threads_left) = number;
}

bool stop_refusing() noexcept {
  memory_left = -1;
  threads_left = -1;
  return has_refused;
}

[[gnu::noinline]] void* allocate(std::size_t size) {
  if (memory_left.load() >= 0 && is_asked_by_program() && takes_turn(memory_left)) {
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace bytestore::testing

// In place of the C++ library's.

void* operator new(std::size_t size) { return bytestore::testing::allocate(size); }
void* operator new[](std::size_t size) { return bytestore::testing::allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

/// In place of the C library's, which it calls: Asio takes the memory of what is posted by it.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  using Allocate = void* (*)(std::size_t, std::size_t);
  static const auto allocate = reinterpret_cast<Allocate>(::dlsym(RTLD_NEXT, "aligned_alloc"));
  using namespace bytestore::testing;
  if (memory_left.load() >= 0 && is_asked_by_program() && takes_turn(memory_left)) return nullptr;
  return allocate(alignment, size);
}

/// The same of threads.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*body)(void*), void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  using namespace bytestore::testing;
  if (threads_left.load() >= 0 && is_asked_by_program() && takes_turn(threads_left)) return EAGAIN;
  return create(thread, attributes, body, argument);
}
