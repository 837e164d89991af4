#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bytestore::cli {

/// CLI11 splits an argument like `[a,b]` where several are allowed. To keep such keys whole, each
/// argument is marked before CLI11 sees it, and the mark is removed from what CLI11 returns.
std::string marked(std::string argument);
std::string unmarked(std::string argument);

// These add an argument of one kind to a verb or to the command. It is written to `into`, which
// must live until the arguments are parsed.

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& into,
                      const std::string& description);
CLI::Option* add_keys(CLI::App& verb, std::vector<std::string>& into);
CLI::Option* add_prefix(CLI::App& verb, std::string& into, const std::string& description);
CLI::Option* add_limit(CLI::App& verb, std::optional<std::uint64_t>& into);

}  // namespace bytestore::cli
