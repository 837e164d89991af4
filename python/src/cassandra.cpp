#include "cassandra.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "blocking.hpp"
#include "bytestore/cassandra_async.hpp"
#include "bytestore/detail/cassandra_access.hpp"
#include "interpreter.hpp"
#include "options.hpp"
#include "promise.hpp"
#include "results.hpp"
#include "store.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

using SessionPtr = std::shared_ptr<CassandraSession>;

/// A session, as Python holds it. Its end waits for threads of the driver, so it must not hold the
/// interpreter lock.
class Session {
 public:
  explicit Session(SessionPtr session) : session_(std::move(session)) {}
  ~Session() {
    const Unlocked unlocked;
    session_.reset();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const SessionPtr& get() const noexcept { return session_; }

 private:
  SessionPtr session_;
};

SessionPtr connected(CassandraSessionOptions options) {
  Blocking<SessionPtr> blocking;
  options.stop = blocking.stop_token();
  auto [session] =
      blocking.call([&](auto handler) { CassandraSession::aconnect(options, std::move(handler)); });
  return session;
}

std::shared_ptr<Session> connect(const OptionDict& given) {
  return std::make_shared<Session>(connected(session_options_from(given)));
}

Store::OperationPtr aconnect(const OptionDict& given, nb::handle loop, nb::handle settle) {
  auto options = session_options_from(given);
  auto operation = std::make_shared<Operation>();
  options.stop = operation->stop_token();
  auto handler = settling<SessionPtr>(loop, settle, [](const SessionPtr& session) {
    return nb::cast(std::make_shared<Session>(session));
  });
  const Unlocked unlocked;
  CassandraSession::aconnect(options, std::move(handler));
  return operation;
}

class CassandraStore final : public Store {
 public:
  CassandraStore(const std::string& table, const Session& session, const OptionDict& options)
      : CassandraStore(table, wanted(session, options)) {}

  CassandraStore(const std::string& table, const CassandraOptions& options)
      : CassandraStore(open(table, options)) {
    if (options.setup_mode == SetupMode::sync) await_setup();
  }

  void ensure_db_setup() {
    unlocked([this] { store_->ensure_db_setup(); });
  }

  void aensure_db_setup(nb::handle loop, nb::handle settle) {
    auto handler = settling<>(loop, settle, [] { return nb::none(); });
    const Unlocked unlocked;
    store_->aensure_db_setup(std::move(handler));
  }

  void check_ready() const override { store_->ensure_db_setup(); }

  [[nodiscard]] CassandraStats stats() const {
    return unlocked([this] { return store_->stats(); });
  }

  std::string select_cql() {
    return unlocked([this] { return detail::CassandraAccess::select_cql(*store_); });
  }
  std::string insert_cql() {
    return unlocked([this] { return detail::CassandraAccess::insert_cql(*store_); });
  }
  std::string delete_cql() {
    return unlocked([this] { return detail::CassandraAccess::delete_cql(*store_); });
  }

 private:
  explicit CassandraStore(const std::shared_ptr<CassandraByteStore>& store)
      : Store(store, Work::elsewhere), store_(store.get()) {}

  static CassandraOptions wanted(const Session& session, const OptionDict& given) {
    auto options = store_options_from(given);
    options.session = session.get();
    return options;
  }

  /// Makes the store; does not wait for the set-up.
  static std::shared_ptr<CassandraByteStore> open(const std::string& table,
                                                  CassandraOptions options) {
    if (options.setup_mode == SetupMode::sync) options.setup_mode = SetupMode::async;
    return unlocked([&] { return std::make_shared<CassandraByteStore>(table, options); });
  }

  void await_setup() {
    Blocking<> blocking;
    const std::stop_callback close(blocking.stop_token(), [this] { interrupt(); });
    blocking.call([this](auto handler) { store_->aensure_db_setup(std::move(handler)); });
  }

  CassandraByteStore* store_;  // owned by the base class
};

}  // namespace

std::shared_ptr<Store> open_cassandra(const std::string& uri, bool create_if_missing,
                                      const Store::Seconds& timeout) {
  using std::chrono::milliseconds;
  auto target = unlocked([&] { return target_from(uri, create_if_missing); });
  const auto begun = std::chrono::steady_clock::now();
  const auto limit = to_time(timeout.value_or(0));
  if (timeout) target.session.connect_timeout = std::min(target.session.connect_timeout, limit);
  const Session session(connected(target.session));
  auto options = target.store;
  if (timeout) {
    const auto spent = std::chrono::steady_clock::now() - begun;
    options.setup_deadline =
        std::max(limit - std::chrono::duration_cast<milliseconds>(spent), milliseconds{1});
  }
  options.session = session.get();
  return std::make_shared<CassandraStore>(target.table, options);
}

void define_cassandra(nb::module_& module) {
  nb::class_<Session>(module, "Session",
                      "The connections to a cluster, which any number of stores may share. "
                      "`langchain_bytestore.connect` makes it. The connections end soon after the "
                      "last store and reference are gone.")
      .def_prop_ro(
          "keyspace", [](const Session& self) { return self.get()->keyspace(); },
          "The keyspace of stores that do not name one; may be empty.")
      .def_prop_ro(
          "local_datacenter", [](const Session& self) { return self.get()->local_datacenter(); },
          "The local datacenter that was named or inferred.")
      .def_prop_ro(
          "warnings", [](const Session& self) { return self.get()->warnings(); },
          "The problems that were found while connecting: clocks that differ, or a keyspace with "
          "the "
          "SimpleStrategy in a cluster of several datacenters.")
      .def("__repr__", [](const Session& self) {
        return nb::str("langchain_bytestore.Session(keyspace={!r}, local_datacenter={!r})")
            .format(self.get()->keyspace(), self.get()->local_datacenter());
      });
  module.def("connect", &connect, nb::arg("options"));
  module.def("aconnect", &aconnect, nb::arg("options"), nb::arg("loop"), nb::arg("settle"));
  nb::class_<CassandraStore, Store>(module, "CassandraStore")
      .def(nb::init<const std::string&, const Session&, const OptionDict&>(), nb::arg("table"),
           nb::arg("session"), nb::arg("options"))
      .def("ensure_db_setup", &CassandraStore::ensure_db_setup)
      .def("aensure_db_setup", &CassandraStore::aensure_db_setup, nb::arg("loop"),
           nb::arg("settle"))
      .def("stats", &CassandraStore::stats)
      .def("select_cql", &CassandraStore::select_cql)
      .def("insert_cql", &CassandraStore::insert_cql)
      .def("delete_cql", &CassandraStore::delete_cql);
}

}  // namespace bytestore::python
