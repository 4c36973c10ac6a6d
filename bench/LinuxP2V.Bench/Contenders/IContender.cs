using LinuxP2V.Bench.Data;
using LinuxP2V.Bench.Results;

namespace LinuxP2V.Bench.Contenders;

/// <summary>One way of bringing a data set over ssh onto a fresh file system.</summary>
internal interface IContender
{
    string Name { get; }

    /// <summary>Copies from cold caches until all is on the disk; only that is measured, not the making of the file system.</summary>
    /// <exception cref="NotInThisBuildException">The agent cannot do it.</exception>
    /// <exception cref="BenchException">It failed.</exception>
    Task<ICopy> CopyAsync(SourceVolume source, CancellationToken cancellationToken);
}

/// <summary>What a contender made. Disposing takes it away.</summary>
internal interface ICopy : IAsyncDisposable
{
    Measurement Measurement { get; }

    /// <returns>What differs from the source, for people; null when nothing does.</returns>
    Task<string?> FindDifferenceAsync(SourceVolume source, TreeJudge judge, CancellationToken cancellationToken);
}

/// <summary>A copy that can be brought up to date.</summary>
internal interface ISynchronizedCopy : ICopy
{
    /// <inheritdoc cref="IContender.CopyAsync"/>
    Task<Measurement> SyncAsync(SourceVolume source, CancellationToken cancellationToken);
}
