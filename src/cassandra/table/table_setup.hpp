#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bytestore/error.hpp"
#include "cassandra/cql/identifiers.hpp"
#include "cassandra/policy/error_policy.hpp"
#include "cassandra/session/questions.hpp"
#include "cassandra/session/shared_session.hpp"
#include "cassandra/table/schema_agreement.hpp"
#include "cassandra/table/server_check.hpp"
#include "cassandra/table/table_lookup.hpp"

namespace bytestore::cassandra {

/// What differs among the tables that a store can use.
struct TableLayout {
  bool has_ascii_keys = false;  ///< the key is ascii, and not any text
  /// The value is a static column, which all rows of a partition share: who wrote the table beside
  /// this library gave it clustering columns, or it was made WITH COMPACT STORAGE.
  bool has_static_values = false;
};

struct TableIsReady {
  TableLayout layout{};
};
struct TableIsMissing {};
struct TableHasNoColumns {};  ///< its columns are not there yet

/// What is to be done about a table that was looked up. An error says why it cannot be used.
using TableState = std::variant<TableIsReady, TableIsMissing, TableHasNoColumns, Error>;
TableState state_of(const TableDescription& found, const TableName& name);

/// Looks a table up, and creates it if it is not there; then sees to it that this session reads no
/// masks in place of keys and values, also later. What fails is asked again, of another node; what
/// was answered is not. Thread safe.
class TableSetup : public std::enable_shared_from_this<TableSetup> {
 public:
  using Outcome = Refusal;  ///< none: the table can be used
  using Callback = ServerCheck::Callback;

  TableSetup(SessionUse access, TableName name);

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

  /// Whether the table was found to be usable: then `when_done` calls back at once. Takes no lock.
  [[nodiscard]] bool is_usable() const noexcept { return masks_->has_passed(); }

  /// Of the table, once it is usable; as LangChain's if the set-up was skipped.
  [[nodiscard]] TableLayout layout() const noexcept { return layout_.load(); }

  /// \throws Error `setup_pending` before the set-up has finished; then what it failed with, if it
  /// did.
  void check() const;

  /// Calls back when the set-up has finished: now, or on a thread of the driver or the library. If
  /// it has, and it was asked for masks a while ago, it is asked for them anew.
  /// Holds no lock then.
  void when_done(Callback callback);

 private:
  /// `ask(sink)` makes a request, whose answer `Next` takes.
  template <typename Answer, void (TableSetup::*Next)(Result<Answer>) noexcept, typename Ask>
  void ask(Ask ask) noexcept;
  void look_up() noexcept;
  void looked_up(Result<TableDescription> result) noexcept;
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
  std::shared_ptr<ServerCheck> masks_;
  std::atomic<TableLayout> layout_{};
  std::shared_ptr<SchemaAgreement> agreement_;
  bool done_ = false;
  bool creates_ = true;
  Outcome outcome_;
  std::vector<Callback> waiting_;
  bool created_ = false;  // of the steps, which follow each other
  Outcome not_created_;   // why a server has not created it
  CausePtr last_failure_;
  bool is_cut_short_ = false;
  Attempts attempts_;
  std::unique_ptr<core::Timer> timer_;
  std::unique_ptr<core::Timer> limit_;
};

}  // namespace bytestore::cassandra
