#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cassandra/driver/port.hpp"
#include "cassandra/session/session_use.hpp"

namespace bytestore::cassandra {

using Answered = std::function<void(Result<Rows>)>;

/// Asks one node, and no other. `answered` is called once, with the answer or with why there is
/// none, which is soon if the node hangs. The options' replicas are not looked at.
/// \throws Error if the store is closed, or in a forked child; then `answered` is not called.
void ask_node(const SessionUse& use, const NodeId& node, std::string_view cql,
              const RequestOptions& options, Answered answered);

/// Asks what concerns no key: the node that answered last or, if there is none or it hangs or has
/// failed, the one with the fewest requests that does not hang. A question that was answered is not
/// asked again until `forget`, so that whoever asks several can begin again where one of them
/// fails. Thread safe.
class Questions final : public Querier {
 public:
  explicit Questions(SessionUse use) : use_(std::move(use)) {}

  /// \throws Error if the store is closed, or in a forked child.
  void query(std::string_view cql, const RequestOptions& options, RowsSink& sink) override;

  /// The same for what must not be done at two nodes at once, so that it is waited for also where
  /// its node hangs. A node that failed at it is the one to be asked what has become of it.
  void change(std::string_view cql, const RequestOptions& options, RowsSink& sink);

  /// All is asked anew.
  void forget();

  /// Asks that node from now on, as if it had answered last.
  void prefer(const NodeId& node);

  /// The node that was asked last; none: the driver chose it.
  [[nodiscard]] std::optional<NodeId> node() const;

 private:
  struct Memory {
    std::mutex mutex;
    std::map<std::string, Result<Rows>, std::less<>> answers;
    std::optional<NodeId> node;  // that was asked last
    bool has_failed = false;     // it did not answer
    std::size_t asked = 0;
  };

  [[nodiscard]] std::optional<Result<Rows>> known(std::string_view cql);
  [[nodiscard]] std::vector<NodeId> choose();
  void ask(std::string_view cql, const RequestOptions& options, bool may_be_given_up,
           RowsSink& sink);
  static void note(Memory& memory, const std::string& cql, const Result<Rows>& result,
                   bool is_final) noexcept;

  SessionUse use_;
  std::shared_ptr<Memory> memory_ = std::make_shared<Memory>();  // outlives this while one is asked
};

}  // namespace bytestore::cassandra
