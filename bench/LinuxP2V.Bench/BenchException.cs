namespace LinuxP2V.Bench;

/// <summary>Something that keeps the benchmark from measuring. The message is for the user.</summary>
public sealed class BenchException(string message) : Exception(message);
