using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Source;

/// <summary>Signatures by keys that the engine keeps to itself.</summary>
internal interface ISignatures
{
    /// <summary>Returns once an engine that can sign is connected. Says so once where it has to wait.</summary>
    /// <param name="purpose">What waits, for that message.</param>
    Task WaitForEngineAsync(string purpose, CancellationToken cancellationToken);

    /// <returns>The signature as SSH has it; null: the engine does not sign this.</returns>
    Task<byte[]?> SignAsync(SignatureNeededEvent question, CancellationToken cancellationToken);
}

/// <summary>Where there is no engine to ask.</summary>
internal sealed class NoSignatures : ISignatures
{
    public Task WaitForEngineAsync(string purpose, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<byte[]?> SignAsync(SignatureNeededEvent question, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);
}
