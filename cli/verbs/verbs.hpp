#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/failure.hpp"
#include "cli/session.hpp"

/// One function per verb. Each returns how it ended, or throws: Failure, Interrupted (saying what
/// was done), OutputClosed, or Error for what concerns no single key.
namespace bytestore::cli {

struct PutArguments {
  std::string key;
  std::string file = "-";  ///< `-`: standard input
};
ExitCode put(const Session& session, const PutArguments& arguments);

struct GetArguments {
  std::vector<std::string> keys;
  std::string file = "-";  ///< `-`: standard output
};
ExitCode get(const Session& session, const GetArguments& arguments);

struct DeleteArguments {
  std::vector<std::string> keys;
  bool from_input = false;  ///< keys, then empty, come from standard input, each ended by a NUL
};
ExitCode delete_keys(const Session& session, const DeleteArguments& arguments);

struct KeysArguments {
  std::string prefix{};
  std::optional<std::uint64_t> limit{};
  bool nul_terminated = false;
  bool json = false;
};
ExitCode keys(const Session& session, const KeysArguments& arguments);

struct CountArguments {
  std::string prefix;
  bool estimate = false;
  bool json = false;
};
ExitCode count(const Session& session, const CountArguments& arguments);

struct TreeArguments {
  std::string folder;
  std::string prefix;
};
ExitCode import_tree(const Session& session, const TreeArguments& arguments);
ExitCode export_tree(const Session& session, const TreeArguments& arguments);

}  // namespace bytestore::cli
