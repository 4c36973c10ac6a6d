using System.Globalization;

namespace LinuxP2V.Engine.Conversions;

/// <summary>
/// What other processes ask of the one that drives a conversion: to stop, or another limit. Each request is a file in a
/// folder that holds nothing else, so that one look at the folder tells of all conversions, on a network share as well. The
/// folder is made by the first request. Every member may throw P2VException: StateNotAccessible.
/// </summary>
internal sealed class ConversionRequests(StateFiles files, string folder)
{
    private const string StopExtension = ".stop";
    private const string LimitExtension = ".limit";
    private const string TakenExtension = ".limit.taken";
    private static readonly string[] Extensions = [StopExtension, LimitExtension, TakenExtension];

    /// <summary>The ids of the conversions that something is asked of.</summary>
    public IReadOnlyCollection<string> List() =>
        [
            .. (Directory.Exists(folder) ? files.List(folder, "*") : [])
                .Select(file => file.Name)
                .Where(name => Extensions.Any(extension => name.EndsWith(extension, StringComparison.Ordinal)))
                .Select(name => name.Substring(0, name.IndexOf('.')))
                .Distinct(),
        ];

    public void RequestStop(string id) => Write(PathOf(id, StopExtension), "");

    public bool IsStopRequested(string id) => File.Exists(PathOf(id, StopExtension));

    public void ClearStop(string id) => Delete(id, StopExtension);

    /// <summary>A newer request replaces an older one.</summary>
    public void RequestLimit(string id, double? megabitsPerSecond) =>
        Write(PathOf(id, LimitExtension), megabitsPerSecond?.ToString("R", CultureInfo.InvariantCulture) ?? "");

    /// <summary>A request that nobody has taken, or that is being carried out.</summary>
    public bool IsLimitRequested(string id) => File.Exists(PathOf(id, LimitExtension)) || File.Exists(PathOf(id, TakenExtension));

    /// <summary>Carries out a request that is there. One that a dead driver took is carried out, too.</summary>
    /// <param name="apply">False: it was not carried out, and waits for the next driver.</param>
    public void TakeLimit(string id, Func<double?, bool> apply)
    {
        var path = PathOf(id, LimitExtension);
        var taken = PathOf(id, TakenExtension);
        if (File.Exists(path))
        {
            // Taken away before it is read, so that a newer one is not lost with it.
            files.Move(path, taken);
        }

        if (
            files.ReadText(taken) is { } text
            && apply(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null)
        )
        {
            files.Delete(taken);
        }
    }

    public void DropLimit(string id) => Delete(id, LimitExtension);

    public void Delete(string id)
    {
        foreach (var extension in Extensions)
        {
            Delete(id, extension);
        }
    }

    private void Write(string path, string text)
    {
        files.CreateOwnFolder(folder);
        files.Write(path, text);
    }

    private void Delete(string id, string extension)
    {
        var path = PathOf(id, extension);
        if (Directory.Exists(folder))
            files.Delete(path);
    }

    private string PathOf(string id, string extension) =>
        ConversionStore.IsId(id) ? Path.Combine(folder, id + extension) : throw ConversionStore.NotFound(id);
}
