#include "store.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "blocking.hpp"
#include "bytestore/async.hpp"
#include "bytestore/detail/store_access.hpp"
#include "interpreter.hpp"
#include "kept_objects.hpp"
#include "results.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;
using std::chrono::milliseconds;

/// A longer time counts as unlimited.
constexpr double kLongestSeconds = 1e9;

CallOptions to_options(const Store::Seconds& deadline, std::stop_token stop = {}) {
  CallOptions options{.deadline = {}, .stop = std::move(stop)};
  if (!deadline) return options;
  options.deadline = to_time(*deadline);
  if (options.deadline.count() == 0) {
    throw nb::value_error("a deadline of 0 leaves no time; pass None for no deadline");
  }
  return options;
}

/// Such a batch takes a few milliseconds.
constexpr std::size_t kBriefKeys = 1'000;
constexpr std::size_t kBriefBytes = std::size_t{8} << 20;

constexpr auto kNone = [] { return nb::none(); };

/// Starts an asynchronous verb, without the interpreter lock: the library may complete it at once,
/// on a thread that waits for the lock.
template <typename Start>
void begin(Start start) {
  const Unlocked unlocked;
  start();
}

/// Waits for an asynchronous verb, which `start(options, handler)` starts.
template <typename... Result, typename Start>
std::tuple<Result...> wait(const Store& store, const Store::Seconds& deadline, Start start) {
  Blocking<Result...> blocking;
  const auto options = to_options(deadline, blocking.stop_token());
  return blocking.call([&](auto handler) {
    store.check_ready();
    start(options, std::move(handler));
  });
}

}  // namespace

milliseconds to_time(double seconds) {
  if (std::isnan(seconds)) throw nb::value_error("a time is not a number");
  const double bounded = std::clamp(seconds, -kLongestSeconds, kLongestSeconds);
  return milliseconds{static_cast<std::int64_t>(std::ceil(bounded * 1000))};
}

Store::~Store() {
  const Unlocked unlocked;
  if (work_ == Work::elsewhere && forks_ == Interpreter::forks()) {
    // A server may take long to answer a cancelled request, and the thread that releases the store,
    // perhaps that of an event loop, must not wait for it. The end of the closing waits for it.
    try {
      store_->aclose(milliseconds{0}, [kept = store_](const std::exception_ptr&) {});
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory is left; then this waits
    }
  }
  store_.reset();  // waits for calls in flight, unless the closing owns the store
}

ValueList Store::mget(nb::handle iterable, Seconds deadline) {
  const Keys keys(iterable);
  const std::size_t count = keys.views().size();
  if (waits_here(count, likely_bytes(count))) {
    WatchedCall call;
    const auto options = to_options(deadline, call.stop_token());
    EmptyValueList list(count);
    const auto values =
        call.make([&] { return detail::StoreAccess::mget_pinned(*store_, keys.views(), options); });
    remember_sizes(values);
    return list.fill(values);
  }
  const auto [values] =
      wait<ByteStore::Values>(*this, deadline, [&](const CallOptions& options, auto handler) {
        store_->amget(keys.copies(), options, std::move(handler));
      });
  remember_sizes(values);
  return to_python(values);
}

void Store::mset(nb::handle iterable, Seconds deadline) {
  const Entries entries(iterable);
  if (waits_here(entries.views().size(), entries.value_bytes())) {
    WatchedCall call;
    const auto options = to_options(deadline, call.stop_token());
    return call.make([&] { store_->mset(entries.views(), options); });
  }
  auto shared = entries.shared();
  wait(*this, deadline, [&](const CallOptions& options, auto handler) {
    store_->amset(std::move(shared), options, std::move(handler));
  });
}

void Store::mdelete(nb::handle iterable, Seconds deadline) {
  const Keys keys(iterable);
  if (waits_here(keys.views().size())) {
    WatchedCall call;
    const auto options = to_options(deadline, call.stop_token());
    return call.make([&] { store_->mdelete(keys.views(), options); });
  }
  wait(*this, deadline, [&](const CallOptions& options, auto handler) {
    store_->amdelete(keys.copies(), options, std::move(handler));
  });
}

std::uint64_t Store::estimate_keys(Seconds deadline) {
  const auto [count] =
      wait<std::uint64_t>(*this, deadline, [&](const CallOptions& options, auto handler) {
        store_->aestimate_keys(options, std::move(handler));
      });
  return count;
}

void Store::refuse_if_pending() const {
  unlocked([this] { check_ready(); });
}

void Store::close(double seconds) {
  const auto patience = to_time(seconds);
  Blocking<> blocking;
  const std::stop_callback impatient(blocking.stop_token(), [this] { interrupt(); });
  blocking.call([&](auto handler) { store_->aclose(patience, std::move(handler)); });
}

void Store::interrupt() {
  begin([this] { store_->aclose(milliseconds{0}, boost::asio::detached); });
}

bool Store::waits_here(std::size_t keys, std::size_t bytes) const noexcept {
  if (Interpreter::is_of_library()) return false;  // the library refuses blocking verbs there
  return work_ == Work::elsewhere || (keys <= kBriefKeys && bytes <= kBriefBytes);
}

std::size_t Store::likely_bytes(std::size_t keys) const noexcept {
  return keys <= 1 ? 0 : std::min(keys, kBriefKeys) * value_bytes_.load(std::memory_order_relaxed);
}

void Store::remember_sizes(const ByteStore::Values& values) noexcept {
  std::size_t bytes = 0;
  std::size_t found = 0;
  for (const auto& value : values) {
    if (!value) continue;
    bytes += value->size();
    ++found;
  }
  if (found > 0) value_bytes_.store(bytes / found, std::memory_order_relaxed);
}

Store::OperationPtr Store::amget(nb::handle iterable, Seconds deadline, nb::handle loop,
                                 nb::handle settle) {
  auto owned = Keys(iterable).copies();
  auto operation = std::make_shared<Operation>();
  const auto options = to_options(deadline, operation->stop_token());
  auto handler = settling<ByteStore::Values>(
      loop, settle, [](const ByteStore::Values& values) { return to_python(values); });
  begin([&] { store_->amget(std::move(owned), options, std::move(handler)); });
  return operation;
}

Store::OperationPtr Store::amset(nb::handle iterable, Seconds deadline, nb::handle loop,
                                 nb::handle settle) {
  auto owned = Entries(iterable).shared();
  auto operation = std::make_shared<Operation>();
  const auto options = to_options(deadline, operation->stop_token());
  auto handler = settling<>(loop, settle, kNone);
  begin([&] { store_->amset(std::move(owned), options, std::move(handler)); });
  return operation;
}

Store::OperationPtr Store::amdelete(nb::handle iterable, Seconds deadline, nb::handle loop,
                                    nb::handle settle) {
  auto owned = Keys(iterable).copies();
  auto operation = std::make_shared<Operation>();
  const auto options = to_options(deadline, operation->stop_token());
  auto handler = settling<>(loop, settle, kNone);
  begin([&] { store_->amdelete(std::move(owned), options, std::move(handler)); });
  return operation;
}

Store::OperationPtr Store::aestimate_keys(Seconds deadline, nb::handle loop, nb::handle settle) {
  auto operation = std::make_shared<Operation>();
  const auto options = to_options(deadline, operation->stop_token());
  auto handler =
      settling<std::uint64_t>(loop, settle, [](std::uint64_t count) { return nb::int_(count); });
  begin([&] { store_->aestimate_keys(options, std::move(handler)); });
  return operation;
}

void Store::aclose(double seconds, nb::handle loop, nb::handle settle) {
  const auto patience = to_time(seconds);
  auto handler = settling<>(loop, settle, kNone);
  begin([&] { store_->aclose(patience, std::move(handler)); });
}

void define_store(const nb::module_& module) {
  nb::class_<Operation>(module, "Operation", "A call in flight.").def("cancel", &Operation::cancel);
  nb::class_<Store>(module, "Store", "A store of the library, which NativeByteStore wraps.")
      .def("mget", &Store::mget, nb::arg("keys").none(), nb::arg("deadline").none())
      .def("mset", &Store::mset, nb::arg("entries").none(), nb::arg("deadline").none())
      .def("mdelete", &Store::mdelete, nb::arg("keys").none(), nb::arg("deadline").none())
      .def("estimate_keys", &Store::estimate_keys, nb::arg("deadline").none())
      .def("check_ready", &Store::refuse_if_pending)
      .def("close", &Store::close, nb::arg("seconds"))
      .def("interrupt", &Store::interrupt)
      .def("amget", &Store::amget, nb::arg("keys").none(), nb::arg("deadline").none(),
           nb::arg("loop"), nb::arg("settle"))
      .def("amset", &Store::amset, nb::arg("entries").none(), nb::arg("deadline").none(),
           nb::arg("loop"), nb::arg("settle"))
      .def("amdelete", &Store::amdelete, nb::arg("keys").none(), nb::arg("deadline").none(),
           nb::arg("loop"), nb::arg("settle"))
      .def("aestimate_keys", &Store::aestimate_keys, nb::arg("deadline").none(), nb::arg("loop"),
           nb::arg("settle"))
      .def("aclose", &Store::aclose, nb::arg("seconds"), nb::arg("loop"), nb::arg("settle"));
}

}  // namespace bytestore::python
