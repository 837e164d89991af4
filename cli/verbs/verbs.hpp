#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/failure.hpp"

/// There is one function per verb. Each returns the exit code, or throws Failure, Interrupted
/// (which says what was done), OutputClosed, or Error if the error does not concern a single key.
namespace bytestore::cli {

struct PutArguments {
  std::string key;
  std::string file = "-";  ///< `-`: standard input
};
ExitCode put(const Context& context, const PutArguments& arguments);

struct GetArguments {
  std::vector<std::string> keys;
  std::string file = "-";  ///< `-`: standard output
};
ExitCode get(const Context& context, const GetArguments& arguments);

struct DeleteArguments {
  std::vector<std::string> keys;
  bool from_input = false;  ///< keys, then empty, come from standard input, each ended by a NUL
};
ExitCode delete_keys(const Context& context, const DeleteArguments& arguments);

struct KeysArguments {
  std::string prefix{};
  std::optional<std::uint64_t> limit{};
  bool nul_terminated = false;
  bool json = false;
};
ExitCode keys(const Context& context, const KeysArguments& arguments);

struct CountArguments {
  std::string prefix;
  bool estimate = false;
  bool json = false;
};
ExitCode count(const Context& context, const CountArguments& arguments);

struct CompactArguments {};
ExitCode compact(const Context& context, const CompactArguments& arguments);

struct TreeArguments {
  std::string folder;
  std::string prefix;
};
ExitCode import_tree(const Context& context, const TreeArguments& arguments);
ExitCode export_tree(const Context& context, const TreeArguments& arguments);

}  // namespace bytestore::cli
