#pragma once

#include <bytestore-driver/src/bridge.rs.h>

#include <boost/container/small_vector.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "cassandra/driver/port.hpp"

/// What crosses the bridge to the Rust crate, in the form of the other side: `to_rust` and
/// `to_port`.
namespace bytestore::cassandra {

inline std::span<const std::byte> as_span(rust::Slice<const std::uint8_t> slice) noexcept {
  return std::as_bytes(std::span{slice.data(), slice.size()});
}

inline rust::Slice<const std::uint8_t> as_slice(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

inline rust::Slice<const std::uint8_t> as_slice(std::string_view text) noexcept {
  return as_slice(as_bytes(text));
}

inline rust::String to_rust(const std::string& text) { return {text.data(), text.size()}; }

inline std::string to_string(const rust::String& text) { return {text.data(), text.size()}; }

/// What does not fit is as good as no limit.
std::uint32_t to_rust(std::chrono::milliseconds time) noexcept;

bridge::Config to_rust(const CassandraSessionOptions& options);

inline NodeId to_port(const bridge::NodeId& id) noexcept {
  return {.high = id.high, .low = id.low};
}
DriverReportKind to_port(bridge::ReportKind kind) noexcept;
/// None for a keyspace that the driver does not know.
std::optional<Replication> to_port(const bridge::Replication& replication);
DriverError to_port(const bridge::Failure& failure);
Rows to_port(rust::Box<bridge::Rows> rows);

/// Bound values in the form of the bridge, still where the caller has them.
class BoundValues {
 public:
  explicit BoundValues(std::span<const Value> values) {
    std::size_t texts = 0;
    for (const Value& value : values) {
      if (const auto* list = std::get_if<std::span<const std::string_view>>(&value)) {
        texts += list->size();
      }
    }
    texts_.reserve(texts);  // so that slices of it stay valid
    values_.reserve(values.size());
    for (const Value& value : values) {
      values_.push_back(std::visit([this](const auto& typed) { return bind(typed); }, value));
    }
  }

  [[nodiscard]] rust::Slice<const bridge::Value> slice() const noexcept {
    return {values_.data(), values_.size()};
  }

 private:
  template <typename BytesOrText>
    requires(!std::is_integral_v<BytesOrText>)
  bridge::Value bind(const BytesOrText& bytes) {
    return {.kind = bridge::ValueKind::Bytes, .bytes = as_slice(bytes), .texts = {}, .number = 0};
  }

  bridge::Value bind(std::span<const std::string_view> list) {
    const std::size_t first = texts_.size();
    for (const std::string_view text : list) texts_.push_back({as_slice(text)});
    return {.kind = bridge::ValueKind::Texts,
            .bytes = {},
            .texts = {texts_.data() + first, list.size()},
            .number = 0};
  }

  bridge::Value bind(std::int32_t number) {
    return {.kind = bridge::ValueKind::Int, .bytes = {}, .texts = {}, .number = number};
  }

  bridge::Value bind(std::int64_t number) {
    return {.kind = bridge::ValueKind::BigInt, .bytes = {}, .texts = {}, .number = number};
  }

  boost::container::small_vector<bridge::Value, 4> values_;
  std::vector<bridge::Text> texts_;
};

/// Request options in the form of the bridge, still where the caller has them.
class BoundOptions {
 public:
  explicit BoundOptions(const RequestOptions& options) {
    replicas_.reserve(options.replicas.size());
    for (const NodeId& id : options.replicas) replicas_.push_back({.high = id.high, .low = id.low});
    options_ = {
        .consistency = static_cast<std::uint16_t>(options.consistency),
        .has_timestamp = options.timestamp.has_value(),
        .timestamp = options.timestamp.value_or(0),
        .timeout = to_rust(options.timeout),
        .replicas = {replicas_.data(), replicas_.size()},
        .replicas_only = !options.others_may_serve,
        .page_size = options.page_size,
        .paging_state = as_slice(options.paging_state),
    };
  }

  [[nodiscard]] const bridge::RequestOptions& get() const noexcept { return options_; }

 private:
  boost::container::small_vector<bridge::NodeId, 4> replicas_;
  bridge::RequestOptions options_;
};

}  // namespace bytestore::cassandra
