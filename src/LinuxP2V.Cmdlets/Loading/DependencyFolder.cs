using System.Reflection;

namespace LinuxP2V.Cmdlets.Loading;

/// <summary>
/// The assemblies that came with the module, as they lay there when it was imported: what is put there later is not
/// loaded.
/// </summary>
internal sealed class DependencyFolder(string path)
{
    private readonly Dictionary<string, string> files = Directory.Exists(path)
        ? Directory
            .EnumerateFiles(path, "*.dll")
            .ToDictionary(file => System.IO.Path.GetFileNameWithoutExtension(file)!, StringComparer.OrdinalIgnoreCase)
        : [];

    public string Path { get; } = path;

    /// <returns>The file that meets the request; null when none does.</returns>
    public string? Find(AssemblyRequest request)
    {
        if (request.Asked.Name is not { } name || !files.TryGetValue(name, out var file))
            return null;
        try
        {
            return request.IsMetBy(AssemblyName.GetAssemblyName(file)) ? file : null;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            // Not found is what the runtime then says of it, with the name that was asked for.
            return null;
        }
    }
}
