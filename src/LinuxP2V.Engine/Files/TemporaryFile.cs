namespace LinuxP2V.Engine.Files;

/// <summary>What is left of a file that could not be finished.</summary>
public static class TemporaryFile
{
    /// <summary>Fails at nothing: nobody reads it, and what failed before is what counts.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            // It stays.
        }
    }
}
