#include "cassandra/table/table_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstddef>
#include <exception>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "cassandra/cql/statements.hpp"
#include "cassandra/driver/self_owned.hpp"

namespace bytestore::cassandra {
namespace {

/// Asks for masks and for the mode of transactions; if there are masks, whether the role of the
/// session may see what is behind them. docs/decisions/039-refusals.md tells what servers answer to
/// each question.
class TableQuestions final : public std::enable_shared_from_this<TableQuestions> {
 public:
  TableQuestions(std::shared_ptr<Querier> servers, TableName name, std::string username,
                 std::chrono::milliseconds timeout, TraitsTold told, RefusalSink& sink)
      : servers_(std::move(servers)),
        name_(std::move(name)),
        username_(std::move(username)),
        timeout_(timeout),
        told_(std::move(told)),
        sink_(sink) {}

  void start() { ask(Step::masks); }

 private:
  enum class Step {
    masks,
    limit,       ///< of a write, on servers that know no masks
    mode,        ///< of transactions
    permission,  ///< of the role, its parents and groups; without its name, of everybody
    superuser,   ///< whether the role, or one that was granted to it, is one
    login,       ///< whether anybody is logged in
  };
  using Next = std::variant<Step, Refusal>;

  /// Whether a server has answered the question, and would not answer it otherwise later.
  static bool is_answer(const DriverError& error) noexcept {
    return is_unknown_there(error) || error.code == DriverErrorCode::unauthorized;
  }

  [[nodiscard]] std::string cql(Step step) const {
    const auto of_role = [&] {
      return username_.empty() ? std::string() : " OF " + text_literal(username_);
    };
    switch (step) {
      case Step::masks:
        return fmt::format(
            "SELECT column_name FROM system_schema.column_masks WHERE keyspace_name = {} AND "
            "table_name = {}",
            text_literal(name_.keyspace), text_literal(name_.table));
      case Step::limit:
        return "SELECT value FROM system_views.settings WHERE name = 'max_mutation_size_in_kb'";
      case Step::mode:
        return describe_cql(name_);
      case Step::permission:
        return fmt::format("LIST UNMASK PERMISSION ON TABLE {}{}", name_.cql(), of_role());
      case Step::superuser:
        return "LIST ROLES" + of_role();
      case Step::login:
        break;
    }
    return "LIST ROLES";
  }

  void ask(Step step) {
    step_ = step;
    RequestOptions options;
    options.consistency = Consistency::one;
    options.timeout = timeout_;
    ask_once<Rows>(
        [&](RowsSink& sink) { servers_->query(cql(step), options, sink); },
        [self = shared_from_this()](const Result<Rows>& result) { self->answered(result); });
  }

  void answered(const Result<Rows>& result) noexcept {
    try {
      const auto* error = std::get_if<DriverError>(&result);
      if (error != nullptr && !is_answer(*error)) return sink_.done(*error);
      const Next next = error != nullptr ? after_error(*error) : after_rows(std::get<Rows>(result));
      if (const auto* step = std::get_if<Step>(&next)) return ask(*step);
      sink_.done(std::get<Refusal>(next));
    } catch (const std::exception&) {
      sink_.done(DriverError{.maybe_sent = true});
    }
  }

  Next after_rows(const Rows& rows) {
    switch (step_) {
      case Step::masks:
        for (std::size_t row = 0; row < rows.size(); ++row) {
          const auto column = rows.text(row, 0);
          if (column == "row_id" || column == "body_blob") masked_.emplace_back(column);
        }
        return Step::mode;
      case Step::limit:
        return after_limit(rows);
      case Step::mode:
        return after_mode(rows);
      case Step::permission:
        // Only a superuser may ask for everybody's.
        if (username_.empty() || rows.size() > 0) return Refusal();
        return Step::superuser;
      case Step::superuser:
        for (std::size_t row = 0; row < rows.size(); ++row) {
          if (rows.columns() > 1 && rows.text(row, 1) == "\x01") return Refusal();
        }
        break;
      case Step::login:
        break;
    }
    return refusal();
  }

  Next after_error(const DriverError& error) {
    switch (step_) {
      case Step::masks:
        return Step::limit;  // it knows no masks: whoever does lets every role read of them
      case Step::limit:
        return after_limit({});
      case Step::mode:
        return after_mode({});
      case Step::permission:
        if (error.message.find("AllowAllAuthorizer") != std::string::npos) return Refusal();
        return Step::login;
      case Step::superuser:
        break;
      case Step::login:
        // Whoever is logged in may ask for roles. Who is not, where nobody has to be, may do all.
        if (error.code == DriverErrorCode::unauthorized) return Refusal();
        break;
    }
    return refusal();
  }

  Next after_limit(const Rows& rows) {
    TableTraits traits;
    std::size_t kibibytes = 0;
    const auto told = rows.size() > 0 ? rows.text(0, 0) : std::string_view();
    const auto read = std::from_chars(told.data(), told.data() + told.size(), kibibytes);
    if (read.ec == std::errc{} && kibibytes > 0) traits.largest_write = kibibytes << 10;
    told_(traits);
    return Refusal();
  }

  Next after_mode(const Rows& rows) {
    TableTraits traits;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      traits.is_transactional |= rows.columns() > 3 && describes_transactions(rows.text(row, 3));
    }
    told_(traits);
    if (masked_.empty()) return Refusal();
    return Step::permission;
  }

  [[nodiscard]] Refusal refusal() const {
    return Error(
        ErrorCode::unauthorized,
        fmt::format(
            "the table {0} has a mask on {1}, and the role{2} of this session has no UNMASK "
            "there that can be seen, so that it would read masks as if they were stored; "
            "GRANT UNMASK ON TABLE {0} to the role, or take the mask away by ALTER TABLE {0} "
            "ALTER {3} DROP MASKED",
            name_.cql(), fmt::join(masked_, " and "),
            username_.empty() ? std::string() : ' ' + username_, masked_.front()));
  }

  std::shared_ptr<Querier> servers_;
  TableName name_;
  std::string username_;
  std::chrono::milliseconds timeout_;
  TraitsTold told_;
  RefusalSink& sink_;
  Step step_ = Step::masks;
  std::vector<std::string> masked_;
};

}  // namespace

void check_table(std::shared_ptr<Querier> servers, TableName name, std::string username,
                 std::chrono::milliseconds timeout, TraitsTold told, RefusalSink& sink) {
  std::make_shared<TableQuestions>(std::move(servers), std::move(name), std::move(username),
                                   timeout, std::move(told), sink)
      ->start();
}

}  // namespace bytestore::cassandra
