using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Demo;

/// <summary>Where a demonstration's copy is made, and how it is booted there.</summary>
public abstract class DemoDestination : IAsyncDisposable
{
    /// <summary>Where the source's SSH is to listen, so that the helper reaches it by the same name as the engine.</summary>
    public abstract string SourceHost { get; }

    /// <exception cref="LabException">The script failed, or the conversion is not complete.</exception>
    public abstract Task<Conversion> ConvertAsync(SourceMachine source, string name, CancellationToken cancellationToken);

    /// <summary>Boots the copy, the source being off, and holds it against what the source said of itself.</summary>
    public abstract Task<CopyProof.Result> ProveAsync(
        Conversion conversion,
        SourceImage image,
        MachineDescription source,
        CancellationToken cancellationToken
    );

    public abstract ValueTask DisposeAsync();
}

/// <summary>The embedded destination: a folder, and the start script that came with the VM.</summary>
public sealed class LocalDemo(string folder) : DemoDestination
{
    public override string SourceHost => "127.0.0.1";

    public override Task<Conversion> ConvertAsync(SourceMachine source, string name, CancellationToken cancellationToken) =>
        new ScriptConversion(folder, Console.WriteLine).RunAsync(source, name, verify: true, cancellationToken);

    public override Task<CopyProof.Result> ProveAsync(
        Conversion conversion,
        SourceImage image,
        MachineDescription source,
        CancellationToken cancellationToken
    ) => CopyProof.RunAsync(conversion.Location!, image.KeyFile, source, Path.Combine(folder, "proof"), cancellationToken);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
