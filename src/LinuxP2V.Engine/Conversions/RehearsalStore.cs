using System.Text.Json;
using LinuxP2V.Engine.Rehearsals;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// What is kept of rehearsals, by the ids of their conversions: the newest result with its pictures, the log, and the
/// conversion of the twin, whose lock is held while a rehearsal runs. A twin that is not known to be gone is open.
/// </summary>
internal sealed class RehearsalStore(string stateFolder)
{
    private const string Result = "rehearsal.json";
    private readonly string folder = Path.Combine(stateFolder, "rehearsals");
    private readonly StateFiles files = new(ConversionStore.BusyTimeout);
    private readonly Lazy<ConversionStore> twins = new(() => new ConversionStore(Path.Combine(stateFolder, "rehearsals")));

    /// <summary>The conversions that make twins bootable.</summary>
    public ConversionStore Twins => twins.Value;

    /// <summary>A twin was begun, and nobody saw it deleted.</summary>
    public bool IsOpen(string id) =>
        Directory.Exists(folder)
        && Twins.FindFresh(id) is { } twin
        && (twin.State != ConversionState.Completed || twin.MachineId is not null);

    /// <summary>Its twin is gone.</summary>
    public void Close(string id)
    {
        if (Twins.FindFresh(id) is { } twin)
            Twins.Save(twin with { State = ConversionState.Completed, MachineId = null });
    }

    /// <summary>A living process rehearses it.</summary>
    public bool IsRunning(string id) => Directory.Exists(folder) && Twins.IsLocked(id);

    /// <returns>Null: there was none.</returns>
    public Rehearsal? Find(string id) =>
        Directory.Exists(folder)
            ? files.Read(PathOf(id, Result), stream => JsonSerializer.Deserialize<Rehearsal>(stream, EngineJson.Options))
            : null;

    /// <returns>Null: there was none.</returns>
    public string? FindLog(string id) => Directory.Exists(folder) && Twins.LogPath(id) is var path && File.Exists(path) ? path : null;

    public void Save(Rehearsal rehearsal)
    {
        files.CreateOwnFolder(FolderOf(rehearsal.ConversionId));
        files.Write(PathOf(rehearsal.ConversionId, Result), stream => JsonSerializer.Serialize(stream, rehearsal, EngineJson.Options));
    }

    /// <returns>The path of the file.</returns>
    public string SaveScreenshot(string id, int number, byte[] picture)
    {
        files.CreateOwnFolder(FolderOf(id));
        var path = PathOf(id, FormattableString.Invariant($"console-{number}.png"));
        files.Write(path, stream => stream.Write(picture, 0, picture.Length));
        return path;
    }

    /// <summary>Of the newest rehearsal: what is there of the one before goes.</summary>
    public void Begin(string id)
    {
        if (!Directory.Exists(FolderOf(id)))
            return;

        foreach (var file in files.List(FolderOf(id), "*"))
            files.Delete(file.FullName);
    }

    public void Delete(string id)
    {
        if (!Directory.Exists(folder))
            return;

        Begin(id);
        if (Directory.Exists(FolderOf(id)))
            Directory.Delete(FolderOf(id));

        Twins.Delete(id);
    }

    private string FolderOf(string id) =>
        ConversionStore.IsId(id) ? Path.Combine(folder, "results", id) : throw ConversionStore.NotFound(id);

    private string PathOf(string id, string file) => Path.Combine(FolderOf(id), file);
}
