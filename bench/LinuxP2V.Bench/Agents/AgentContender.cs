using LinuxP2V.Bench.Contenders;
using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Machine;
using LinuxP2V.Bench.Results;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Bench.Agents;

/// <summary>The agent, driven as the engine drives it.</summary>
internal sealed class AgentContender(string name, AgentBench bench, CopyOptions options) : IContender
{
    public string Name => name;

    public async Task<ICopy> CopyAsync(SourceVolume source, CancellationToken cancellationToken)
    {
        var copy = await AgentCopy.MakeAsync(bench, source, options, cancellationToken);
        try
        {
            return options.Mode != CopyMode.Block || await HasSourcesBlocksAsync(copy, source, cancellationToken)
                ? copy
                : throw new NotInThisBuildException("Asked for blocks, the agent copied files.");
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    /// <summary>A file system that was made anew has a UUID of its own; one that came as blocks has its source's.</summary>
    private static async Task<bool> HasSourcesBlocksAsync(AgentCopy copy, SourceVolume source, CancellationToken cancellationToken)
    {
        const string Script = "blkid -p -s UUID -o value \"$1\"";
        return await Shell.RunAsync(Script, [copy.Partition], cancellationToken)
            == await Shell.RunAsync(Script, [source.Device], cancellationToken);
    }
}
