using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Failures;

/// <summary>Failures that nobody caught nearer by, and that are the system's: of its files, libraries, memory or network.</summary>
public static class SystemFailure
{
    /// <returns>Null for what can only be a defect of ours.</returns>
    public static P2VException? TryExplain(Exception failure)
    {
        foreach (var cause in Causes(failure))
        {
            if (cause is P2VException known)
            {
                return known;
            }

            if (Explain(cause) is { } explained)
            {
                return explained;
            }
        }

        return null;
    }

    private static P2VException? Explain(Exception cause) =>
        cause switch
        {
            FileLoadException or BadImageFormatException => DamagedModule(cause),
            FileNotFoundException { FileName: { } name } when name.Contains(", Version=") => DamagedModule(cause),
            DllNotFoundException or EntryPointNotFoundException or CryptographicException or PlatformNotSupportedException =>
                MissingComponent(cause),
            // So does .NET Framework refuse an algorithm under the policy of FIPS.
            InvalidOperationException when cause.Message.Contains("FIPS") => MissingComponent(cause),
            // An assembly of another version was found in place of ours, or of the .NET that we were built for.
            TypeLoadException or MissingMemberException => DamagedModule(cause),
            InsufficientExecutionStackException => null,
            OutOfMemoryException => new P2VException(
                ErrorIds.SystemFailure,
                $"This computer has too little memory for what was to be done: {cause.Message}",
                "Close other programs, or do less at once with -ThrottleLimit.",
                innerException: cause
            ),
            SocketException => new P2VException(
                ErrorIds.SystemFailure,
                $"The network of this computer refused what was to be done: {cause.Message}",
                "Check its network settings and firewall, then try again.",
                innerException: cause
            ),
            // Reading from a connection: the socket says more, and no file is concerned.
            IOException { InnerException: SocketException } => null,
            FileNotFoundException { FileName: { Length: > 0 } file } => FileFailure.ToError(cause, ErrorIds.FileNotAccessible, file, "use"),
            IOException or UnauthorizedAccessException => new P2VException(
                ErrorIds.FileNotAccessible,
                $"A file or folder could not be used: {cause.Message}",
                "Check that it is there, that this account may use it, and that its disk has space.",
                innerException: cause
            ),
            _ => null,
        };

    private static P2VException MissingComponent(Exception cause) =>
        new(
            ErrorIds.SystemComponentMissing,
            $"This system lacks something that was needed, or forbids it: {cause.Message}",
            "On Linux install the system's OpenSSL library (libssl), as .NET asks for it. "
                + "On Windows install the system's updates and look whether a policy, such as FIPS, forbids the algorithm.",
            innerException: cause
        );

    private static P2VException DamagedModule(Exception cause) =>
        new(
            ErrorIds.SystemComponentMissing,
            $"A part of the module, or of .NET, could not be loaded: {cause.Message}",
            "Install the module anew. If it was downloaded, unblock its files first: "
                + "Get-ChildItem <folder of the module> -Recurse | Unblock-File. "
                + "If it works in a new session without other modules, one of them brought another version of the same part.",
            innerException: cause
        );

    /// <summary>From the outermost inwards; wrappers say nothing of their own.</summary>
    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is not (AggregateException or TargetInvocationException or TypeInitializationException))
            {
                yield return cause;
            }
        }
    }
}
