namespace LinuxP2V.Agent.Source;

/// <summary>What a command on the source reads from its standard input.</summary>
internal sealed class CommandInput
{
    private CommandInput(ReadOnlyMemory<byte> bytes, Func<Stream, CancellationToken, Task>? writeAsync) =>
        (Bytes, WriteAsync) = (bytes, writeAsync);

    /// <summary>Nothing.</summary>
    public static CommandInput None { get; } = new(default, null);

    /// <summary>All of it, where it is no conversation.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Writes as long as it likes; null where <see cref="Bytes"/> are all.</summary>
    public Func<Stream, CancellationToken, Task>? WriteAsync { get; }

    /// <summary>For a command that reads to the end. One that ends well before counts as broken off.</summary>
    public static CommandInput Of(ReadOnlyMemory<byte> bytes) => new(bytes, null);

    /// <summary>For a command that ends by itself when its input does.</summary>
    public static CommandInput By(Func<Stream, CancellationToken, Task> writeAsync) => new(default, writeAsync);
}
