namespace LinuxP2V.Agent.Source;

/// <summary>What ssh asks to sign a login with one hop's key, by the protocol of ssh-agent.</summary>
internal interface IKeyAgent : IAsyncDisposable
{
    string SocketPath { get; }
}
