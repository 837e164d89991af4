#include <nanobind/nanobind.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <utility>

#include "blocking.hpp"
#include "bytestore/open.hpp"
#include "bytestore/rocksdb_byte_store.hpp"
#include "bytestore/version.hpp"
#include "cassandra.hpp"
#include "interpreter.hpp"
#include "kept_objects.hpp"
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
                                    bool read_only, std::size_t block_cache_bytes) {
  const std::string path(encoded.c_str(), encoded.size());
  return unlocked([&] {
    auto store = std::make_shared<RocksDBByteStore>(
        path, RocksDBOptions{.sync = sync,
                             .create_if_missing = create_if_missing,
                             .read_only = read_only,
                             .block_cache_bytes = block_cache_bytes});
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
  define_stats(module);
  define_cassandra(module);
  module.def("open_uri", &open_uri, nb::arg("uri"), nb::arg("create_if_missing"),
             nb::arg("timeout").none());
  module.def("open_rocksdb", &open_rocksdb, nb::arg("path"), nb::arg("sync"),
             nb::arg("create_if_missing"), nb::arg("read_only"), nb::arg("block_cache_bytes"));
  module.def("end", &Interpreter::end);
  module.def("after_fork", &after_fork);
  module.def(
      "warn_of_leaks", [] { nanobind::set_leak_warnings(true); },
      "Makes the end of the process report native objects that are left. For tests.");
  module.def("version", [] { return std::string(bytestore::version()); });
}
