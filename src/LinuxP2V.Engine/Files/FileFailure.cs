using System.Runtime.InteropServices;

namespace LinuxP2V.Engine.Files;

/// <summary>
/// The error, with its remedy, for a file or folder that the system refused. Windows and Unix have different codes for the
/// same things, which .NET hands on in <see cref="Exception.HResult"/>.
/// </summary>
public static class FileFailure
{
    private const string OtherPath = "Check the path, or give another one.";

    /// <summary>Whether the system refused it.</summary>
    public static bool IsRefusal(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    /// <summary>
    /// Whether the system refused it or the path cannot be one: it has characters that no path may have or, to .NET
    /// Framework, a wrong shape. Only for what uses a path that a user gave.
    /// </summary>
    public static bool IsOne(Exception exception) =>
        IsRefusal(exception) || exception is ArgumentException or (NotSupportedException and not PlatformNotSupportedException);

    /// <summary>Whether another program, or another part of this one, has the file open.</summary>
    public static bool IsInUse(Exception exception) => IsExactlyIO(exception) && Code(exception) is (true, 32 or 33) or (false, 11 or 35);

    /// <summary>
    /// Whether waiting may mend it: the file is in use, or the system denies it. Windows also calls it denied while a
    /// scanner, an indexer or a backup has the file open, and while a deleted file is still open somewhere.
    /// </summary>
    public static bool MayPass(Exception exception) =>
        exception is UnauthorizedAccessException || (IsExactlyIO(exception) && !IsFull(exception) && !IsReadOnly(exception));

    /// <param name="errorId">One of <see cref="Protocol.Messages.ErrorIds"/>.</param>
    /// <param name="action">What was tried, to stand after "cannot": write the log.</param>
    /// <param name="remedy">Stands in for the general advice to use another path.</param>
    public static P2VException ToError(Exception exception, string errorId, string path, string action, string remedy = OtherPath)
    {
        var (reason, advice) = Explain(exception, path);
        return new P2VException(
            errorId,
            $"Cannot {action} '{path}': {reason}",
            advice is null ? remedy : $"{advice} {remedy}",
            path,
            exception
        );
    }

    private static (string Reason, string? Advice) Explain(Exception exception, string path) =>
        exception switch
        {
            IOException when FileAbove(path) is { } file => ($"'{file}' is a file where a folder is needed.", null),
            FileNotFoundException => ("it does not exist.", null),
            DirectoryNotFoundException => ($"the folder {Folder(path)} does not exist.", "Create the folder."),
            DriveNotFoundException => ("its drive does not exist.", null),
            PathTooLongException => ("the path is too long.", "Use a shorter name or folder."),
            UnauthorizedAccessException when Directory.Exists(path) => ("it is a folder where a file is needed.", null),
            UnauthorizedAccessException when IsMarkedReadOnly(path) => ("it is read-only.", "Take the mark off it."),
            UnauthorizedAccessException or System.Security.SecurityException => (
                "access is denied.",
                "Give this account the right to use it; on Windows also check whether a virus scanner, an indexer or a backup holds it."
            ),
            ArgumentException or NotSupportedException => ("this is no valid path.", null),
            _ when IsInUse(exception) => ("another program has it open.", "Close that program, or try again later."),
            _ when IsFull(exception) => ("there is no space left.", "Free space there."),
            _ when IsReadOnly(exception) => ("it lies on a read-only medium.", null),
            _ when Code(exception) is (true, 123 or 161) => ("this is no valid path.", null),
            _ => (Sentence(exception.Message), null),
        };

    /// <summary>Derived types say what it is themselves, and no wait mends that.</summary>
    private static bool IsExactlyIO(Exception exception) => exception.GetType() == typeof(IOException);

    private static bool IsFull(Exception exception) =>
        exception is IOException && Code(exception) is (true, 39 or 112 or 1295) or (false, 28 or 69 or 122);

    private static bool IsReadOnly(Exception exception) => exception is IOException && Code(exception) is (true, 19) or (false, 30);

    /// <summary>The system's own number: of Windows within an HRESULT, of Unix as it is.</summary>
    private static (bool IsWindows, int Number) Code(Exception exception) =>
        (exception.HResult & 0xFFFF0000) == 0x80070000 ? (true, exception.HResult & 0xFFFF) : (false, exception.HResult);

    private static bool IsMarkedReadOnly(string path)
    {
        try
        {
            return RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly);
        }
        catch (Exception exception) when (IsOne(exception))
        {
            return false;
        }
    }

    /// <summary>The file that stands in the place of one of the path's folders.</summary>
    private static string? FileAbove(string path)
    {
        for (var above = Path.GetDirectoryName(path); !string.IsNullOrEmpty(above); above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
            {
                return above;
            }
        }

        return null;
    }

    private static string Folder(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? $"'{folder}'" : "there";

    private static string Sentence(string text) => text.TrimEnd('.') + ".";
}
