#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/cql/identifiers.hpp"
#include "cassandra/driver/self_owned.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/schema_agreement.hpp"
#include "cassandra/table/server_check.hpp"
#include "cassandra/table/table_lookup.hpp"

namespace bytestore::cassandra {

/// Looks a table up, and creates it if it is not there; then sees to it that this session reads no
/// masks in place of keys and values, also later. What fails is asked again, of another node; what
/// was answered is not. Thread safe.
class TableSetup : public std::enable_shared_from_this<TableSetup> {
 public:
  using Outcome = Refusal;  ///< none: the table can be used
  using Callback = ServerCheck::Callback;

  /// `level` is that of the requests to the table.
  TableSetup(SessionUse access, TableName name, Consistency level = Consistency::local_quorum);

  /// Once. If a table that is missing is not to be created, the set-up soon fails without one.
  /// After `deadline`, it has failed with `timeout`; zero: none.
  void start(bool create_if_missing = true, std::chrono::milliseconds deadline = {}) noexcept;

  /// Instead of `start`: nothing is looked up or created. Only who waits by `when_done` has it
  /// asked for masks.
  void skip() noexcept;

  /// Why the last attempt failed; null: none did.
  [[nodiscard]] CausePtr last_failure() const;

  /// There are signs that this session reads masks: `when_done` has it asked for them.
  void distrust() noexcept { masks_->distrust(); }

  /// What the failure of a request is in truth. No replica may be alive because the keyspace has
  /// none in the local datacenter, at a level that counts no others: a server is asked for that,
  /// and once it has told, such failures say so for a second.
  [[nodiscard]] DriverError explained(const DriverError& failure);

  /// Calls back with the refusal if the keyspace has none, by what a server says, or said within
  /// the last second. Holds no lock then. \throws Error if the store is closed.
  void when_replicas_are_told(Callback callback);

  /// Whether, as far as the driver knows, the keyspace has none.
  [[nodiscard]] bool may_lack_replicas() const;

  /// Whether the table was found to be usable: then `when_done` calls back at once. Takes no lock.
  [[nodiscard]] bool is_usable() const noexcept { return masks_->has_passed(); }

  /// Of the table, once it is usable; as LangChain's if the set-up was skipped.
  [[nodiscard]] TableLayout layout() const noexcept { return layout_.load(); }

  /// Whether the servers have found the table to be transactional, when they were asked last.
  [[nodiscard]] bool is_transactional() const noexcept { return traits_->is_transactional; }

  /// The bytes of a write that servers take, by what one told last, or as is usual.
  [[nodiscard]] std::size_t largest_write() const noexcept { return traits_->largest_write; }

  /// \throws Error `setup_pending` before the set-up has finished; then what it failed with, if it
  /// did.
  void check() const;

  /// Calls back when the set-up has finished: now, or on a thread of the driver or the library. If
  /// it has, and it was asked for masks a while ago, it is asked for them anew.
  /// Holds no lock then.
  void when_done(Callback callback);

 private:
  /// `TableTraits` that threads read while a server tells others.
  struct KeptTraits {
    std::atomic<bool> is_transactional{false};
    std::atomic<std::size_t> largest_write{kUsualLargestWrite};
  };

  /// `ask(sink)` makes a request, whose answer `Next` takes.
  template <typename Answer, void (TableSetup::*Next)(Result<Answer>) noexcept, typename Ask>
  void ask(Ask ask) noexcept;
  void look_up() noexcept;
  void looked_up(Result<TableDescription> result) noexcept;
  /// The last step: what is known of the keyspace, and then whether masks would be read.
  void check_use();
  void warn_of_strategy() const;
  void note_replicas(const Refusal& refusal) noexcept;
  static std::shared_ptr<ServerCheck> check_of_replicas(const SessionUse& access,
                                                        const std::string& keyspace);
  void create() noexcept;
  void create_there(Result<Rows> preferred) noexcept;
  void created(Result<Rows> result) noexcept;
  void await_agreement() noexcept;
  void awaited_agreement() noexcept;
  void try_later(const DriverError& error) noexcept;
  void limit(std::chrono::milliseconds deadline) noexcept;
  [[nodiscard]] bool is_done() const;
  void finish(Outcome outcome) noexcept;
  void note_life() noexcept;
  [[nodiscard]] std::chrono::milliseconds timeout();
  [[nodiscard]] std::string operation() const;

  SessionUse access_;
  TableName name_;
  std::shared_ptr<Questions> questions_;
  mutable std::mutex mutex_;
  std::shared_ptr<KeptTraits> traits_ = std::make_shared<KeptTraits>();
  std::shared_ptr<ServerCheck> masks_;
  std::shared_ptr<ServerCheck> replicas_;
  bool counts_local_replicas_;  // the requests to the table do
  Refusal lacks_replicas_;      // by what was told last
  core::Timer::Clock::time_point lacks_until_{};
  std::atomic<TableLayout> layout_{};
  std::shared_ptr<SchemaAgreement> agreement_;
  bool done_ = false;
  bool creates_ = true;
  Outcome outcome_;
  std::vector<Callback> waiting_;
  bool created_ = false;  // of the steps, which follow each other
  bool has_agreed_ = false;
  Outcome not_created_;  // why a server has not created it
  CausePtr last_failure_;
  bool is_cut_short_ = false;
  Attempts attempts_;
  std::unique_ptr<core::Timer> timer_;
  std::unique_ptr<core::Timer> limit_;
};

template <typename Answer, void (TableSetup::*Next)(Result<Answer>) noexcept, typename Ask>
void TableSetup::ask(Ask ask) noexcept {
  try {
    if (is_done()) return;  // it was given up
    ask_once<Answer>(ask, [self = shared_from_this(), keep_open = KeepOpen(access_)](
                              Result<Answer> result) { (self.get()->*Next)(std::move(result)); });
  } catch (const Error& error) {  // the store is closing
    finish(error);
  } catch (const std::exception& error) {
    finish(Error(ErrorCode::io, error.what()));
  }
}

}  // namespace bytestore::cassandra
