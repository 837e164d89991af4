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

  void execute(DriverSession& driver, const Statement& statement, Positions positions,
               const RequestOptions& options, RowsSink& sink) const override {
    if (positions.size() == 1) {
      const std::array<Value, 1> values{keys_[positions.front()]};
      return driver.execute(statement, values, options, sink);
    }
    const BoundKeys keys(keys_, positions);
    const auto count = static_cast<std::int32_t>(positions.size());
    const std::array<Value, 2> values{keys.value(), count};
    RequestOptions paged = options;
    paged.page_size = count;
    driver.execute(statement, values, paged, sink);
  }

  Taken take_rows(Positions positions, const Rows& rows) override {
    const bool is_single = positions.size() == 1;
    Taken taken;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto value = rows.value(row, is_single ? 0 : 1);
      if (!value) continue;
      taken.bytes += value->size();
      ++taken.values;
      const auto found = is_single ? positions.begin()
                                   : std::ranges::find(positions, rows.text(row, 0),
                                                       [&](std::size_t i) { return keys_[i]; });
      if (found != positions.end()) values_[*found] = std::move(value);
    }
    return taken;
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
