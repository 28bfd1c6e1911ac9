"""Agents: mattekit as a server of the Model Context Protocol, over standard input and output.

============  ==============================================================================
module        what it does
============  ==============================================================================
`plugin`      adds the command ``mattekit mcp``, announces the hosts
`installing`  programs with agents as hosts: an entry in their settings
`command`     its flags
`sdk`         whether the protocol's SDK is there
`access`      which files an agent may name, and pictures that come as data
`results`     results that are kept for the agent to read
`tools`       the tools themselves
`server`      ties them to the SDK
============  ==============================================================================
"""
