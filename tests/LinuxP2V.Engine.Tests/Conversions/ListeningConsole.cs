using System.Collections.Concurrent;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>Keeps what the engine warns of.</summary>
internal sealed class ListeningConsole : IEngineConsole
{
    public ConcurrentQueue<string> Warnings { get; } = new();

    public void Verbose(string message) { }

    public void Warning(string message) => Warnings.Enqueue(message);
}
