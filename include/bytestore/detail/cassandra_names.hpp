#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "bytestore/cassandra_byte_store.hpp"
#include "bytestore/cassandra_session.hpp"

/// How the values of the Cassandra options are written. Store URIs take these names as they are;
/// the Python package takes those of the consistency levels and set-up modes in upper case, as
/// LangChain writes them.
namespace bytestore::detail {

template <typename Value>
using Named = std::pair<std::string_view, Value>;

/// Without `any`, which no store takes.
inline constexpr auto kConsistencyNames = std::to_array<Named<Consistency>>({
    {"one", Consistency::one},
    {"two", Consistency::two},
    {"three", Consistency::three},
    {"quorum", Consistency::quorum},
    {"all", Consistency::all},
    {"local_quorum", Consistency::local_quorum},
    {"each_quorum", Consistency::each_quorum},
    {"local_one", Consistency::local_one},
});

inline constexpr auto kCompressionNames = std::to_array<Named<ProtocolCompression>>({
    {"none", ProtocolCompression::none},
    {"lz4", ProtocolCompression::lz4},
    {"snappy", ProtocolCompression::snappy},
});

inline constexpr auto kTlsVerifyNames = std::to_array<Named<TlsVerify>>({
    {"ip", TlsVerify::ip},
    {"name", TlsVerify::name},
    {"chain", TlsVerify::chain},
});

/// `async` is the last, which a store URI does not take: nothing would wait for the set-up.
inline constexpr auto kSetupModeNames = std::to_array<Named<SetupMode>>({
    {"sync", SetupMode::sync},
    {"off", SetupMode::off},
    {"async", SetupMode::async},
});

inline constexpr auto kGroupingNames = std::to_array<Named<Grouping>>({
    {"replica_set", Grouping::replica_set},
    {"off", Grouping::off},
});

inline constexpr auto kTimestampsNames = std::to_array<Named<Timestamps>>({
    {"client", Timestamps::client},
    {"server", Timestamps::server},
});

}  // namespace bytestore::detail
