#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "cassandra/calls/batch_binding.hpp"

namespace bytestore::cassandra {
namespace {

class MdeleteBinding final : public BatchBinding {
 public:
  MdeleteBinding(Table& table, std::span<const std::string_view> keys,
                 core::Sink<core::WriteResult>& sink)
      : BatchBinding({.verb = Verb::mdelete,
                      .effect = Effect::write,
                      .keep = UniqueKeys::Keep::first,
                      .operation = "deleting"}),
        table_(table),
        keys_(keys),
        sink_(sink) {}

  [[nodiscard]] std::size_t size() const noexcept override { return keys_.size(); }
  [[nodiscard]] std::string_view key(std::size_t position) const noexcept override {
    return keys_[position];
  }

  [[nodiscard]] RequestGroups::Limits limits() const noexcept override {
    return {.keys = std::min(table_.settings().groups.read_keys,
                             table_.key_limit(Verb::mdelete).most()),
            .bytes = std::numeric_limits<std::size_t>::max()};
  }
  [[nodiscard]] std::size_t request_bytes(std::size_t position) const noexcept override {
    return keys_[position].size();
  }

  void execute(DriverSession& driver, const Executed& executed, Positions positions,
               const RequestOptions& options, RowsSink& sink) const override {
    if (positions.size() == 1) {
      return execute(driver, executed, keys_[positions.front()], options, sink);
    }
    const BoundKeys keys(keys_, positions);
    execute(driver, executed, keys.value(), options, sink);
  }

  void complete(const UniqueKeys& /*keys*/, std::vector<KeyFailure> failures,
                std::optional<Error> error) noexcept override {
    sink_.done({.failures = std::move(failures), .error = std::move(error)});
  }

 private:
  static void execute(DriverSession& driver, const Executed& executed, Value keys,
                      const RequestOptions& options, RowsSink& sink) {
    const std::array<Value, 2> values{executed.timestamp.value_or(0), keys};
    const std::span<const Value> bound(values);
    driver.execute(executed.statement, executed.timestamp ? bound : bound.last(1), options, sink);
  }

  Table& table_;
  std::span<const std::string_view> keys_;
  core::Sink<core::WriteResult>& sink_;
};

}  // namespace

std::unique_ptr<BatchBinding> bind_mdelete(Table& table, std::span<const std::string_view> keys,
                                           core::Sink<core::WriteResult>& sink) {
  return std::make_unique<MdeleteBinding>(table, keys, sink);
}

}  // namespace bytestore::cassandra
