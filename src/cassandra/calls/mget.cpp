#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "cassandra/calls/batch_binding.hpp"

namespace bytestore::cassandra {
namespace {

/// Keys of the first reads of a table, whose values may be large, and what each of them is taken to
/// have in the window.
constexpr std::size_t kColdReadKeys = 2;
constexpr std::size_t kColdAnswerBytes = std::size_t{1} << 20;

class MgetBinding final : public BatchBinding {
 public:
  MgetBinding(Table& table, std::span<const std::string_view> keys,
              core::Sink<core::ReadResult>& sink)
      : BatchBinding({.verb = Verb::mget,
                      .effect = Effect::read,
                      .keep = UniqueKeys::Keep::first,
                      .operation = "reading"}),
        table_(table),
        keys_(keys),
        values_(keys.size()),
        sink_(sink) {}

  [[nodiscard]] std::size_t size() const noexcept override { return keys_.size(); }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return keys_[position];
  }

  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    const GroupSettings& groups = table_.settings().groups;
    const std::size_t most = std::min(groups.read_keys, table_.key_limit(Verb::mget).most());
    return {.keys = table_.answer_sizes().keys_for(groups.answer_bytes, most, kColdReadKeys),
            .bytes = std::numeric_limits<std::size_t>::max()};
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return keys_[position].size();
  }
  [[nodiscard]] std::size_t answer_bytes() const noexcept override {
    return table_.answer_sizes().mean(kColdAnswerBytes);
  }

  void execute(DriverSession& driver, const Executed& executed, Positions positions,
               const RequestOptions& options, RowsSink& sink) const override {
    if (positions.size() == 1) {
      const std::array<Value, 1> values{keys_[positions.front()]};
      return driver.execute(executed.statement, values, options, sink);
    }
    const BoundKeys keys(keys_, positions);
    const auto count = static_cast<std::int32_t>(positions.size());
    // What is limited to a page is read at once, which a transactional table does not bear.
    const std::int32_t spare = table_.reads_by_pages() ? 1 : 0;
    const std::array<Value, 2> values{keys.value(), count + 2 * spare};
    RequestOptions paged = options;
    paged.page_size = count + spare;
    driver.execute(executed.statement, values, paged, sink);
  }

  std::optional<DriverError> take_rows(Positions positions, const Rows& rows,
                                       Taken& taken) override {
    auto problem = positions.size() == 1 ? take_row(positions.front(), rows, taken)
                                         : take_group(positions, rows, taken);
    if (problem) {
      for (const std::size_t position : positions) values_[position].reset();
    }
    return problem;
  }
  void learn(Positions positions, const Taken& taken) noexcept override {
    const std::size_t values = std::min(taken.values, positions.size());
    table_.answer_sizes().read(taken.bytes, values, positions.size());
  }

  void complete(const UniqueKeys& keys, std::vector<KeyFailure> failures,
                std::optional<Error> error) noexcept override {
    for (const auto& [position, twin] : keys.duplicates()) values_[twin] = values_[position];
    if (error) values_.clear();
    sink_.done(
        {.values = std::move(values_), .failures = std::move(failures), .error = std::move(error)});
  }

 private:
  /// A key may have several rows in a table of another layout, but only one value.
  std::optional<DriverError> take_row(std::size_t position, const Rows& rows, Taken& taken) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto value = rows.value(row, 0);
      if (row > 0 && value != values_[position]) {
        return DriverError{.code = DriverErrorCode::invalid,
                           .message = "the key has several rows with different values",
                           .maybe_sent = true};
      }
      if (row == 0 && value) keep(position, *std::move(value), taken);
    }
    return std::nullopt;
  }

  /// As many rows are asked for as there are keys. So where a key has several of them, or one that
  /// was not asked for has one, those of other keys may be missing.
  std::optional<DriverError> take_group(Positions positions, const Rows& rows, Taken& taken) {
    taken.has_row.resize(positions.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto found =
          std::ranges::find(positions, rows.text(row, 0), [&](std::size_t i) { return keys_[i]; });
      if (found == positions.end()) return not_an_answer("a row of a key that was not asked for");
      auto seen = taken.has_row[static_cast<std::size_t>(found - positions.begin())];
      if (seen) return not_an_answer("several rows of a key");
      seen = true;
      if (auto value = rows.value(row, 1)) keep(*found, *std::move(value), taken);
    }
    return std::nullopt;
  }

  void keep(std::size_t position, Bytes value, Taken& taken) {
    taken.bytes += value.size();
    ++taken.values;
    values_[position] = std::move(value);
  }

  static DriverError not_an_answer(std::string_view what) {
    return {.code = DriverErrorCode::protocol,
            .message = fmt::format("the answer for several keys has {}", what),
            .maybe_sent = true};
  }

  Table& table_;
  std::span<const std::string_view> keys_;
  std::vector<std::optional<Bytes>> values_;
  core::Sink<core::ReadResult>& sink_;
};

}  // namespace

std::unique_ptr<BatchBinding> bind_mget(Table& table, std::span<const std::string_view> keys,
                                        core::Sink<core::ReadResult>& sink) {
  return std::make_unique<MgetBinding>(table, keys, sink);
}

}  // namespace bytestore::cassandra
