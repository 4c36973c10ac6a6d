// As the agent has it.
global using Nanoseconds = System.Int128;
