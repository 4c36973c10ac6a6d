using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Engine.Helpers;

/// <summary>Opens a channel to the agent of a helper whose host key was announced.</summary>
internal interface IAgentConnector
{
    /// <exception cref="P2VException">HelperHostKeyMismatch: somebody else answers.</exception>
    /// <exception cref="IOException">Not reachable now.</exception>
    Task<IAgentChannel> ConnectAsync(HelperEndpoint helper, ConversionKey key, CancellationToken cancellationToken);
}

/// <summary>Lines to and from the agent. Disposing ends the connection and any pending read.</summary>
internal interface IAgentChannel : IDisposable
{
    Task WriteLineAsync(string line, CancellationToken cancellationToken);

    /// <summary>Null when the connection has ended.</summary>
    Task<string?> ReadLineAsync(CancellationToken cancellationToken);
}
