// SPDX-License-Identifier: MIT
// Stands for a package that Azurite loads and a test never uses.
module.exports = {};
