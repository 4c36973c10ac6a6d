namespace LinuxP2V.Bench;

/// <summary>Something that keeps the benchmark from measuring; the message is for whoever runs it.</summary>
public sealed class BenchException(string message) : Exception(message);
