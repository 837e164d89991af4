#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "bytestore/batch.hpp"
#include "cassandra/table/table.hpp"
#include "core/backend.hpp"

/// The three verbs on keys. Arguments and sinks live until the sink is called; the call object need
/// not.
namespace bytestore::cassandra {

void start_mget(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                const core::Call& call, core::Sink<core::ReadResult>& sink);
void start_mset(std::shared_ptr<Table> table, std::span<const EntryRef> entries,
                const core::Call& call, core::Sink<core::WriteResult>& sink);
void start_mdelete(std::shared_ptr<Table> table, std::span<const std::string_view> keys,
                   const core::Call& call, core::Sink<core::WriteResult>& sink);

}  // namespace bytestore::cassandra
