#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "blocking.hpp"
#include "bytestore/lmdb_byte_store.hpp"
#include "bytestore/open.hpp"
#include "bytestore/rocksdb_byte_store.hpp"
#include "bytestore/version.hpp"
#include "cassandra.hpp"
#include "interpreter.hpp"
#include "kept_objects.hpp"
#include "key_pages.hpp"
#include "stats.hpp"
#include "store.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

std::shared_ptr<Store> open_uri(const std::string& uri, bool create_if_missing,
                                const Store::Seconds& timeout) {
  if (uri.starts_with("cassandra:")) return open_cassandra(uri, create_if_missing, timeout);
  return unlocked([&] {
    return std::make_shared<Store>(open(uri, {.create_if_missing = create_if_missing}),
                                   Store::Work::here);
  });
}

std::shared_ptr<Store> open_rocksdb(const nb::bytes& encoded, bool sync, bool create_if_missing,
                                    bool read_only, std::optional<std::size_t> block_cache_bytes) {
  const std::string path(encoded.c_str(), encoded.size());
  return unlocked([&] {
    auto store = std::make_shared<RocksDBByteStore>(
        path, RocksDBOptions{
                  .sync = sync,
                  .create_if_missing = create_if_missing,
                  .read_only = read_only,
                  .block_cache_bytes = block_cache_bytes.value_or(RocksDBOptions::kCacheByMemory)});
    return std::make_shared<Store>(std::move(store), Store::Work::here);
  });
}

std::pair<std::uint64_t, std::uint64_t> compact_rocksdb(const Store& store,
                                                        const nb::object& on_progress) {
  Interpreter::check_that_it_returns();
  auto& folder = dynamic_cast<RocksDBByteStore&>(*store.get());
  try {
    Unlocked unlocked;
    const auto report = [&](const CompactProgress& progress) {
      const Unlocked::Pause locked(unlocked);
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      if (!on_progress.is_none()) on_progress(progress.bytes_written, progress.bytes_before);
    };
    const auto result = folder.compact({.on_progress = report});
    return {result.bytes_before, result.bytes_after};
  } catch (const nb::python_error&) {
    throw;
  } catch (...) {
    raise(std::current_exception());
  }
}

std::shared_ptr<Store> open_lmdb(const nb::bytes& encoded, bool sync, bool create_if_missing) {
  const std::string path(encoded.c_str(), encoded.size());
  return unlocked([&] {
    auto store = std::make_shared<LmdbByteStore>(
        path, LmdbOptions{.sync = sync, .create_if_missing = create_if_missing});
    return std::make_shared<Store>(std::move(store), Store::Work::here);
  });
}

void after_fork() noexcept {
  Interpreter::after_fork();
  forget_put_aside();
}

}  // namespace
}  // namespace bytestore::python

NB_MODULE(_native, module) {
  using namespace bytestore::python;
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    throw nanobind::import_error("langchain_bytestore works in the main interpreter only");
  }
  nanobind::set_leak_warnings(false);  // a process may end with calls in flight
  define_store(module);
  define_key_pages(module);
  define_stats(module);
  define_cassandra(module);
  module.def("open_uri", &open_uri, nb::arg("uri"), nb::arg("create_if_missing"),
             nb::arg("timeout").none());
  module.def("open_rocksdb", &open_rocksdb, nb::arg("path"), nb::arg("sync"),
             nb::arg("create_if_missing"), nb::arg("read_only"),
             nb::arg("block_cache_bytes").none());
  module.def(
      "compact_rocksdb", &compact_rocksdb, nb::arg("store"), nb::arg("on_progress").none(),
      "Compacts a store on RocksDB. `on_progress` is called with the bytes that were written and "
      "those before, or is None; what it raises, and what a signal handler raises, ends the "
      "compaction.");
  module.def("open_lmdb", &open_lmdb, nb::arg("path"), nb::arg("sync"),
             nb::arg("create_if_missing"));
  module.def("end", &Interpreter::end);
  module.def("after_fork", &after_fork);
  module.def(
      "warn_of_leaks", [] { nanobind::set_leak_warnings(true); },
      "Makes the end of the process report native objects that are left. For tests.");
  module.def("version", [] { return std::string(bytestore::version()); });
}
