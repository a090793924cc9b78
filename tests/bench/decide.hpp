#pragma once

/// Prints a table: decisions a second of every placement policy that this build has, with its default parameters, on
/// problems of stated sizes; medians of the rounds.
void decide(int rounds);
