using System.Globalization;

namespace LinuxP2V.Bench.Data;

/// <summary>Files to copy, made anew for each run of the benchmark.</summary>
/// <param name="isQuick">A small one of the same shape.</param>
internal abstract class DataSet(bool isQuick)
{
    protected bool IsQuick => isQuick;

    /// <summary>Of the file system that holds it, on the source and in every copy.</summary>
    public abstract long VolumeBytes { get; }

    /// <summary>What it holds, about: for the room on the disk.</summary>
    public abstract long DataBytes { get; }

    /// <summary>One sentence for the page.</summary>
    public abstract string Description { get; }

    /// <summary>Writes the files into an empty file system.</summary>
    public abstract Task FillAsync(string folder, CancellationToken cancellationToken);

    protected static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:0000}");
}
